import { Schema } from "effect"
import { AccountId, BackupId, InstanceId } from "../Backup.ts"
import { hasLength } from "../hasLength.ts"

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

/** The id of an import, as the catalog makes it; not `.` or `..`, which no path can have as a segment. */
export const ImportId = Schema.String.pipe(
  Schema.filter((text) => hasLength(text, 1, 255) && !/^\.{1,2}$/.test(text), {
    message: () => "must have 1 to 255 characters, and not be one dot or two"
  })
)

/** The path of an import. */
export const ImportPath = Schema.Struct({ accountId: AccountId, importId: inPath(ImportId) })
