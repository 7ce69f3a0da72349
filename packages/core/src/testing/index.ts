/** Arbitrary backups, filters and what they are made of, for tests of properties. */
export * as arbitrary from "./arbitrary.ts"
/** A store in memory, which keeps the laws of one. */
export * as BackupStoreMemory from "./BackupStoreMemory.ts"
export * from "./coverageLaws.ts"
export * from "./importLaws.ts"
export { LawBroken } from "./law.ts"
export * from "./storeLaws.ts"
