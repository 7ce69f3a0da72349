export {
  type BackupStatus,
  BadMediaType,
  BadMethod,
  BadRequest,
  backupStatuses,
  type CatalogError,
  ConnectionFailed,
  type Fault,
  Forbidden,
  InstanceFault,
  ItemNotFound,
  isFault,
  NotImplemented,
  OverLimit,
  PreconditionFailed,
  ServiceUnavailable,
  TimedOut,
  TooMany,
  Unauthorized,
  UnexpectedAnswer,
  UnprocessableEntity
} from "@backup-catalog/core"
export type { BackupInput } from "./BackupInput.ts"
export type {
  BackupList,
  BackupPage,
  BackupsClient,
  ListOptions,
  PageOptions,
  RequestOptions,
  Restorable,
  ScopeOptions
} from "./BackupsClient.ts"
export { type Client, type ClientOptions, createClient, type RateLimit } from "./createClient.ts"
export { type HttpCatalogOptions, InvalidOption, type Token } from "./HttpCatalogOptions.ts"
export type { ListFilter } from "./ListFilter.ts"
export type { PlainBackup, PlainDatastore } from "./PlainBackup.ts"
