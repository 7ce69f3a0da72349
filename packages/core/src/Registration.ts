import { Option, Schema } from "effect"
import { Backup, BackupId, type Datastore, KnownSize } from "./Backup.ts"
import type { Instant } from "./Instant.ts"
import { textOf } from "./Text.ts"

// The version of the datastore may have to be added to it.
const MAX_DESCRIPTION = 16_000

/**
 * A backup that exists elsewhere, as `POST …/backups` registers it: where its bytes are, which version of a datastore
 * they are of, and how large they are (docs/api.md, Register from elsewhere).
 */
export const Registration = Schema.Struct({
  name: Backup.fields.name,
  description: Schema.optionalWith(textOf(1, MAX_DESCRIPTION), { as: "Option", nullable: true }),
  restoreFrom: Schema.Struct({
    remoteLocation: textOf(1, 4096).pipe(Schema.propertySignature, Schema.fromKey("remote_location")),
    datastoreVersionId: textOf(1, 255).pipe(Schema.propertySignature, Schema.fromKey("local_datastore_version_id")),
    size: KnownSize
  }).pipe(Schema.propertySignature, Schema.fromKey("restore_from"))
}).annotations({ identifier: "Registration" })
export type Registration = typeof Registration.Type

const describe = (description: Option.Option<string>, versionId: string): string =>
  Option.match(description, {
    onNone: () => `Datastore version ${versionId}.`,
    onSome: (text) => `${text} (datastore version ${versionId})`
  })

/**
 * The backup that a registration means, at an instant, with the datastore where the catalog knows one of that version.
 *
 * Where it does not, the version stays readable in the description, since a record has no datastore without a type.
 */
export const registeredBackup = (
  { name, description, restoreFrom: { remoteLocation, datastoreVersionId, size } }: Registration,
  id: string,
  now: Instant,
  datastore: Option.Option<Datastore>
): Backup => ({
  id: BackupId.make(id),
  name,
  description: Option.isSome(datastore) ? description : Option.some(describe(description, datastoreVersionId)),
  status: "RESTORED",
  created: now,
  updated: now,
  size: Option.some(size),
  instanceId: Option.none(),
  parentId: Option.none(),
  locationRef: Option.some(remoteLocation),
  datastore
})
