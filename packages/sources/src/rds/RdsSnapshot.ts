import { type Instant, parseInstant } from "@backup-catalog/core"
import { Schema } from "effect"
import type { Problem } from "../Importer.ts"
import { decodeEntry, maybe, someText } from "../reading/decodeEntry.ts"
import { Bytes } from "../reading/toolNumbers.ts"
import { plainText } from "../records/recordText.ts"

// Every time of RDS is UTC; so is one that was printed without its Z.
const Time = Schema.String.pipe(Schema.filter((text) => parseInstant(text) !== undefined))

/** The size of a volume, in GiB; 0 where it says nothing. */
const Gibibytes = Schema.Int.pipe(Schema.between(0, 2 ** 32))

/** What both kinds of snapshots say; every member may be missing. */
const common = {
  Engine: maybe(Schema.String),
  EngineVersion: maybe(Schema.String),
  SnapshotCreateTime: maybe(Time),
  Status: maybe(Schema.String),
  SnapshotType: maybe(Schema.String),
  PercentProgress: maybe(Schema.Number),
  AllocatedStorage: maybe(Gibibytes)
}

/** A snapshot of `aws rds describe-db-snapshots`, as far as a record is made of it. */
const RdsSnapshot = Schema.Struct({
  ...common,
  DBSnapshotArn: maybe(someText),
  DBSnapshotIdentifier: maybe(someText),
  DBInstanceIdentifier: maybe(someText),
  DbiResourceId: maybe(someText),
  OriginalSnapshotCreateTime: maybe(Time),
  /** That of the last transaction in it. */
  SnapshotDatabaseTime: maybe(Time),
  /** Not of a copy in the same region and account. */
  SourceDBSnapshotIdentifier: maybe(someText),
  /** What was written to the volumes, of which a snapshot has all. */
  FullSnapshotSizeInBytes: maybe(Bytes),
  /** Of Oracle and SQL Server, beside the volume of AllocatedStorage. */
  AdditionalStorageVolumes: maybe(Schema.Array(Schema.Struct({ AllocatedStorage: maybe(Gibibytes) })))
})

/** A snapshot of `aws rds describe-db-cluster-snapshots`, as far as a record is made of it. */
const RdsClusterSnapshot = Schema.Struct({
  ...common,
  DBClusterSnapshotArn: maybe(someText),
  DBClusterSnapshotIdentifier: maybe(someText),
  DBClusterIdentifier: maybe(someText),
  DbClusterResourceId: maybe(someText),
  SourceDBClusterSnapshotArn: maybe(someText)
})

type Common = Omit<typeof RdsSnapshot.Type, "DBSnapshotArn">

/** A snapshot of either kind. */
export interface Snapshot {
  readonly place: string
  readonly kind: "snapshot" | "cluster-snapshot"
  readonly common: Pick<Common, keyof typeof common>
  readonly arn: string | undefined
  readonly identifier: string | undefined
  readonly server: string | undefined
  readonly resource: string | undefined
  readonly first: string | undefined
  /** When its last transaction was; undefined where Amazon does not say it. */
  readonly dataTime: Instant | undefined
  readonly copyOf: string | undefined
  /** What was written to the volumes; undefined where Amazon does not say it. */
  readonly written: bigint | undefined
  /** The sizes of the volumes beside the first one, in GiB. */
  readonly otherVolumes: ReadonlyArray<number>
}

/** A snapshot of which a record can be made. */
export interface Usable extends Snapshot {
  readonly id: string
  readonly instance: string | undefined
  readonly created: Instant
  readonly updated: Instant
  readonly isCopy: boolean
}

const readSnapshot = (
  entry: unknown,
  place: string
): { readonly snapshot: Snapshot | undefined; readonly problems: ReadonlyArray<Problem> } => {
  const { value, problems } = decodeEntry(RdsSnapshot, entry, place, ["DBSnapshotArn", "OriginalSnapshotCreateTime"])
  const snapshot = value && {
    place,
    kind: "snapshot" as const,
    common: value,
    arn: value.DBSnapshotArn ?? undefined,
    identifier: value.DBSnapshotIdentifier ?? undefined,
    server: value.DBInstanceIdentifier ?? undefined,
    resource: value.DbiResourceId ?? undefined,
    first: value.OriginalSnapshotCreateTime ?? undefined,
    dataTime: parseInstant(value.SnapshotDatabaseTime ?? ""),
    copyOf: value.SourceDBSnapshotIdentifier ?? undefined,
    written: value.FullSnapshotSizeInBytes ?? undefined,
    otherVolumes: (value.AdditionalStorageVolumes ?? []).map((volume) => volume.AllocatedStorage ?? 0)
  }
  return { snapshot, problems }
}

const readClusterSnapshot: typeof readSnapshot = (entry, place) => {
  const { value, problems } = decodeEntry(RdsClusterSnapshot, entry, place, ["DBClusterSnapshotArn"])
  const snapshot = value && {
    place,
    kind: "cluster-snapshot" as const,
    common: value,
    arn: value.DBClusterSnapshotArn ?? undefined,
    identifier: value.DBClusterSnapshotIdentifier ?? undefined,
    server: value.DBClusterIdentifier ?? undefined,
    resource: value.DbClusterResourceId ?? undefined,
    first: undefined,
    dataTime: undefined,
    copyOf: value.SourceDBClusterSnapshotArn ?? undefined,
    written: undefined,
    otherVolumes: []
  }
  return { snapshot, problems }
}

/** The lists of an output, under the names that the two commands give them. */
export const lists = { DBSnapshots: readSnapshot, DBClusterSnapshots: readClusterSnapshot } as const

/** A snapshot with what a record needs, or why it is none. */
export const usable = (snapshot: Snapshot): Usable | Problem => {
  const { place, arn, identifier, common, first, copyOf } = snapshot
  const id = arn ?? identifier
  if (id === undefined) return { place, message: "has neither an ARN nor an identifier, so it was left out" }
  const taken = common.SnapshotCreateTime ?? first
  if (!taken) {
    const progress =
      common.PercentProgress == null ? "" : ` (${common.Status ?? "no status"}, ${common.PercentProgress} %)`
    return { place, message: `${plainText(id)} has no time yet${plainText(progress)}, so it was left out` }
  }
  const updated = parseInstant(taken) as Instant
  const original = parseInstant(first ?? taken) as Instant
  // A copy is as old as what it was copied from.
  const isOlder = original < updated
  return {
    ...snapshot,
    id,
    instance: snapshot.resource ?? snapshot.server,
    created: isOlder ? original : updated,
    updated,
    // Of one in the same region and account, only its times tell that it is a copy.
    isCopy: copyOf !== undefined || isOlder || !common.SnapshotCreateTime
  }
}
