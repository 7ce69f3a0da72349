import { Schema } from "effect"
import { AccountId, BackupId, InstanceId, SegmentId } from "../Backup.ts"

// The router has decoded the path before the schema sees it, the client encodes it after: hence the one-sided form.
const inPath = <A extends string>(id: Schema.Schema<A, string>) =>
  Schema.String.pipe(
    Schema.transform(id, { strict: true, decode: (text) => text, encode: (text) => encodeURIComponent(text) })
  )

/** The path of what belongs to an account. */
export const AccountPath = Schema.Struct({ accountId: AccountId })

/** The path of a backup. */
export const BackupPath = Schema.Struct({ accountId: AccountId, backupId: inPath(BackupId) })

/** The path of an instance. */
export const InstancePath = Schema.Struct({ accountId: AccountId, instanceId: inPath(InstanceId) })

/** The path of an import. */
export const ImportPath = Schema.Struct({ accountId: AccountId, importId: inPath(SegmentId) })
