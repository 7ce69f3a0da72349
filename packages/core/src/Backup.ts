import { Schema } from "effect"
import { InstantFromWire } from "./Instant.ts"
import { nullIfNone } from "./nullIfNone.ts"
import { lineOf, textOf } from "./Text.ts"

/** What something is called by: 1 to 255 characters, none of them a control character. */
export const identifier = lineOf(255)

const isNoDotSegment = (text: string): boolean => text !== "." && text !== ".."
const dotSegmentRefused = { message: () => "must not be one dot or two" }

/**
 * An id that is a segment of a path: 1 to 255 characters, none of them a control character.
 *
 * `.` and `..` are refused: URL handling on the way would turn `…/backups/..` into another resource.
 */
export const SegmentId = identifier.pipe(Schema.filter(isNoDotSegment, dotSegmentRefused))

/**
 * The id of a backup, unique within its account: a `SegmentId`, a UUID when this system makes it (docs/api.md, The
 * record).
 */
export const BackupId = SegmentId.pipe(
  Schema.brand("BackupId"),
  Schema.annotations({ identifier: "BackupId", jsonSchema: { type: "string", minLength: 1, maxLength: 255 } })
)
export type BackupId = typeof BackupId.Type

/** An account in a regular expression, as the source of that; it also matches `.` and `..`, which are none. */
export const ACCOUNT_PATTERN = "[A-Za-z0-9._~-]{1,255}"

const accountPattern = new RegExp(`^${ACCOUNT_PATTERN}$`)

/**
 * An account: 1 to 255 characters of `A-Z a-z 0-9 . _ ~ -`, such as `1234` or a Keystone project id (docs/api.md).
 *
 * `.` and `..` are refused, for the same reason as in `SegmentId`.
 */
export const AccountId = Schema.String.pipe(
  Schema.filter((text) => accountPattern.test(text), {
    message: () => "must have 1 to 255 characters of A-Z a-z 0-9 . _ ~ -"
  }),
  Schema.filter(isNoDotSegment, dotSegmentRefused),
  Schema.brand("AccountId"),
  Schema.annotations({
    identifier: "AccountId",
    jsonSchema: {
      type: "string",
      pattern: String.raw`^(?!\.{1,2}$)${ACCOUNT_PATTERN}$`,
      examples: ["1234"]
    }
  })
)
export type AccountId = typeof AccountId.Type

/** The database instance that a backup was taken of, by a `SegmentId`. */
export const InstanceId = SegmentId.pipe(
  Schema.brand("InstanceId"),
  Schema.annotations({ identifier: "InstanceId", jsonSchema: { type: "string", minLength: 1, maxLength: 255 } })
)
export type InstanceId = typeof InstanceId.Type

/** The states of a backup, as Trove names them (docs/api.md, The record). */
export const backupStatuses = ["NEW", "BUILDING", "SAVING", "COMPLETED", "FAILED", "DELETE_FAILED", "RESTORED"] as const

/** The state of a backup (docs/api.md, The record). */
export const BackupStatus = Schema.Literal(...backupStatuses).annotations({
  identifier: "BackupStatus",
  message: () => ({ message: `must be one of ${backupStatuses.join(" ")}`, override: true })
})
export type BackupStatus = typeof BackupStatus.Type

const BYTES_PER_GIGABYTE = 2 ** 30

// What a signed 64-bit integer holds, as every database has it; and that in gigabytes.
const MAX_BYTES = 2n ** 63n - 1n
const MAX_GIGABYTES = 2 ** 33

type AnySize =
  | { readonly unit: "gigabytes"; readonly value: number }
  | { readonly unit: "bytes"; readonly value: bigint }

const inGigabytes = (size: AnySize): number =>
  size.unit === "bytes" ? Number(size.value) / BYTES_PER_GIGABYTE : size.value

const sizeOf = (wanted: string) =>
  Schema.Number.pipe(
    Schema.filter((gigabytes) => gigabytes >= 0 && gigabytes <= MAX_GIGABYTES, { message: () => `must be ${wanted}` }),
    Schema.transform(
      Schema.Union(
        Schema.Struct({
          unit: Schema.Literal("gigabytes"),
          value: Schema.Number.pipe(Schema.between(0, MAX_GIGABYTES))
        }),
        Schema.Struct({
          unit: Schema.Literal("bytes"),
          value: Schema.BigIntFromSelf.pipe(Schema.betweenBigInt(0n, MAX_BYTES))
        })
      ),
      {
        strict: true,
        decode: (value) => ({ unit: "gigabytes" as const, value }),
        encode: inGigabytes
      }
    )
  ).annotations({
    identifier: "BackupSize",
    jsonSchema: { type: "number", minimum: 0, description: "Gigabytes: bytes / 2^30.", examples: [0.141026] }
  })

const A_SIZE = `a number of gigabytes from 0 to ${MAX_GIGABYTES}`

/**
 * How large a backup is: in bytes where they are known, else in gigabytes (2^30 bytes) as the record gave them.
 *
 * On the wire always gigabytes, as Trove counts them (docs/api.md, The record). Dividing by 2^30 is exact, so bytes
 * below 2^53 survive the wire to the byte.
 */
export const BackupSize = sizeOf(`${A_SIZE}, or null`)
export type BackupSize = typeof BackupSize.Type

/** The same where it must be known. */
export const KnownSize = sizeOf(A_SIZE)

/** The gigabytes of a size, as a record has them. */
export const sizeInGigabytes: (size: BackupSize) => number = inGigabytes

/** The bytes of a size: exact where the size has them, else the gigabytes times 2^30, rounded to whole bytes. */
export const sizeInBytes = (size: BackupSize): bigint =>
  size.unit === "bytes" ? size.value : BigInt(Math.round(size.value * BYTES_PER_GIGABYTE))

/** The type of a datastore, such as `MySQL`: 1 to 255 characters. */
export const DatastoreType = identifier

/** The database software of a backup: `{ type: "MySQL", version: "5.1" }`. The case of `type` is kept as given. */
export const Datastore = Schema.Struct({
  type: DatastoreType,
  version: Schema.optionalWith(textOf(0, 255), nullIfNone),
  versionId: Schema.optionalWith(textOf(0, 255), nullIfNone).pipe(Schema.fromKey("version_id"))
}).annotations({ identifier: "Datastore" })
export type Datastore = typeof Datastore.Type

/**
 * One backup in the catalog; its encoded side is the record (docs/api.md, The record), member for member.
 *
 * Decoding forgives what real servers differ in: absent or null optional members, times with a zone or a fraction,
 * and members that the contract does not know, which are left out. Encoding is exact.
 */
export const Backup = Schema.Struct({
  id: BackupId,
  name: textOf(1, 255),
  description: Schema.optionalWith(textOf(0, 16_384), nullIfNone),
  status: BackupStatus,
  created: InstantFromWire,
  updated: InstantFromWire,
  size: Schema.optionalWith(BackupSize, nullIfNone),
  instanceId: Schema.optionalWith(InstanceId, nullIfNone).pipe(Schema.fromKey("instance_id")),
  parentId: Schema.optionalWith(BackupId, nullIfNone).pipe(Schema.fromKey("parent_id")),
  locationRef: Schema.optionalWith(textOf(0, 4096), nullIfNone),
  datastore: Schema.optionalWith(Datastore, { as: "Option", nullable: true }),
  /** The account that it belongs to; there only in an answer that spans accounts, and never stored. */
  projectId: Schema.optionalWith(AccountId, { exact: true, nullable: true }).pipe(Schema.fromKey("project_id")),
  /** When its source no longer had it; there only in a list that includes what was retired, and never stored. */
  retiredAt: Schema.optionalWith(InstantFromWire, { exact: true, nullable: true }).pipe(Schema.fromKey("retired_at"))
}).annotations({ identifier: "Backup" })
export type Backup = typeof Backup.Type

/**
 * What keeps a record of a list with `include=retired` from being put into a catalog, as a predicate: one that is
 * written is there again. `member` is what the record calls the time when it was retired.
 */
export const wasRetired = (member = "retired_at"): string =>
  `has ${member}: its source no longer has it, so it is none to put into the catalog; take ${member} out if it is there again`

/** The states of a backup that is still being made: it cannot be deleted (docs/api.md, Delete). */
export const runningStatuses: ReadonlySet<BackupStatus> = new Set<BackupStatus>(["NEW", "BUILDING", "SAVING"])

/** A backup as it travels: the JSON record (docs/api.md, The record). */
export type BackupRecord = typeof Backup.Encoded

/** The record of a backup, with exactly the members that it has (docs/api.md, The record). */
export const encodeBackup: (backup: Backup) => BackupRecord = Schema.encodeSync(Backup)

/** A backup from a record, or the reasons why it is none. */
export const decodeBackup = Schema.decodeUnknownEither(Backup, { errors: "all" })
