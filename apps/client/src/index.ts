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
  type ImportMode,
  type ImportStatus,
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
  UnprocessableEntity,
  type Verdict,
  verdicts
} from "@backup-catalog/core"
export type { RequestOptions } from "./asked.ts"
export type { BackupHistory, BackupHistoryPage, PlainHistoryEvent, PlainOrigin } from "./BackupHistory.ts"
export type { BackupInput } from "./BackupInput.ts"
export type { BackupList, BackupPage, BackupsClient, Restorable, ScopeOptions } from "./BackupsClient.ts"
export type {
  CoverageClient,
  CoverageList,
  CoverageListFilter,
  CoveragePage,
  PlainCoverage,
  PlainGlance,
  PolicyClient
} from "./CoverageClient.ts"
export { type Client, type ClientOptions, createClient, type RateLimit } from "./createClient.ts"
export { type HttpCatalogOptions, InvalidOption, type Token } from "./HttpCatalogOptions.ts"
export type { ImportRunOptions, ImportSource, ImportsClient, ImportsPage } from "./ImportsClient.ts"
export type { ListFilter } from "./ListFilter.ts"
export type { PlainBackup, PlainDatastore } from "./PlainBackup.ts"
export type { PlainImport, PlainImportResult } from "./PlainImport.ts"
export type { ListOptions, PageOptions, PlainList } from "./PlainList.ts"
export type { PlainPolicies, PlainPolicy, PlainPolicyRule, PolicyInput } from "./PlainPolicy.ts"
export type { SourcedInput } from "./SourcedInput.ts"
export type { TimeSpan } from "./TimeSpan.ts"
