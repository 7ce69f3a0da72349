export * as arbitrary from "./arbitrary.ts"
export * as BackupStoreMemory from "./BackupStoreMemory.ts"
export * from "./storeLaws.ts"
