import { Option, Schema } from "effect"
import { type Backup, BackupStatus, DatastoreType, InstanceId } from "./Backup.ts"
import { InstantFromFilter } from "./Instant.ts"

const Include = Schema.Literal("retired").annotations({
  message: () => ({ message: "must be retired", override: true })
})

/**
 * Which backups a list has: every member that is given must hold (docs/api.md, Filters).
 *
 * `datastore` is a type without regard to case; `statuses` holds for any of its members, none means any status;
 * `createdSince` is inclusive, `createdBefore` exclusive; `include` adds what was retired. The encoded side are the
 * query parameters of the list.
 */
export const BackupFilter = Schema.Struct({
  datastore: Schema.optionalWith(DatastoreType, { exact: true }).annotations({
    description: "Only backups of this datastore type, in any case: mysql."
  }),
  instanceId: Schema.optionalWith(InstanceId, { exact: true }).pipe(Schema.fromKey("instance_id")),
  statuses: Schema.optionalWith(Schema.Array(BackupStatus), { exact: true }).pipe(Schema.fromKey("status")),
  createdSince: Schema.optionalWith(InstantFromFilter, { exact: true }).pipe(Schema.fromKey("created_since")),
  createdBefore: Schema.optionalWith(InstantFromFilter, { exact: true }).pipe(Schema.fromKey("created_before")),
  include: Schema.optionalWith(Include, { exact: true }).annotations({
    description: "retired: also backups that their source no longer has, each with retired_at."
  })
})
export type BackupFilter = typeof BackupFilter.Type

/** The form in which datastore types are compared: without regard to case. */
export const foldDatastore = (type: string): string => type.toLowerCase()

/** The datastores that exist as a filter whether or not an account has a backup of them (docs/api.md, Filters). */
export const wellKnownDatastores: ReadonlySet<string> = new Set([
  "mysql",
  "mariadb",
  "percona",
  "pxc",
  "postgresql",
  "redis",
  "mongodb",
  "cassandra",
  "couchbase",
  "couchdb",
  "db2",
  "vertica",
  "sqlserver",
  "oracle",
  "sqlite"
])

/** Whether a filter keeps a backup: the definition that every store is held to. */
export const matches =
  (filter: BackupFilter) =>
  (backup: Backup): boolean =>
    (filter.datastore === undefined ||
      Option.exists(
        backup.datastore,
        (datastore) => foldDatastore(datastore.type) === foldDatastore(filter.datastore ?? "")
      )) &&
    (filter.instanceId === undefined || Option.contains(backup.instanceId, filter.instanceId)) &&
    (filter.statuses === undefined || filter.statuses.length === 0 || filter.statuses.includes(backup.status)) &&
    (filter.createdSince === undefined || backup.created >= filter.createdSince) &&
    (filter.createdBefore === undefined || backup.created < filter.createdBefore)
