import { Effect, Predicate } from "effect"
import { type ImportOptions, type OutputImporter, type Problem, type SourceRecord, SourceRefused } from "../Importer.ts"
import { messagesOf, pythonWarning, refuseComplaints } from "../reading/complaints.ts"
import { looksLike } from "../reading/looksLike.ts"
import { readJson } from "../reading/readJson.ts"
import { withAdvice } from "../reading/withAdvice.ts"
import { backupIdOf } from "../records/backupId.ts"
import { backupOf } from "../records/backupOf.ts"
import { inventoryOf } from "../records/inventoryOf.ts"
import { plainText } from "../records/recordText.ts"
import { type DataLag, dataLag } from "./dataLag.ts"
import { lists, type Snapshot, type Usable, usable } from "./RdsSnapshot.ts"
import { rdsEngine } from "./rdsEngine.ts"
import { lastFinished, type Status, statusOf } from "./rdsStatus.ts"

const TITLE = "Amazon RDS"

const ADVICE =
  "give what one run of `aws rds describe-db-snapshots --output json` or `aws rds " +
  "describe-db-cluster-snapshots --output json` printed, each region and account as a source of its own"

const BYTES_PER_GIBIBYTE = 2n ** 30n

const datastoreOf = ({ Engine, EngineVersion }: Snapshot["common"]) =>
  Engine ? { type: rdsEngine(Engine), version: EngineVersion ?? undefined } : undefined

// Their volumes grow by themselves, and the size of one is said to be 1 where nobody asked for any.
const isElastic = (engine: string | null | undefined): boolean => /^(?:aurora|docdb|neptune)/i.test(engine ?? "")

const bytesOf = ({ common, written, otherVolumes }: Snapshot): bigint | undefined => {
  const { Engine, AllocatedStorage } = common
  if (written) return written
  if (!AllocatedStorage || (AllocatedStorage === 1 && isElastic(Engine))) return undefined
  return [AllocatedStorage, ...otherVolumes].reduce((sum, size) => sum + BigInt(size) * BYTES_PER_GIBIBYTE, 0n)
}

const describe = (
  { common, server, copyOf, arn, identifier }: Snapshot,
  status: Status,
  lag: DataLag | undefined
): ReadonlyArray<string> => {
  const engine = [common.Engine, common.EngineVersion].filter((part) => part).join(" ")
  const isRunning = status.status === "BUILDING" || status.status === "SAVING"
  return [
    status.remark ?? "",
    lag?.text ?? "",
    common.SnapshotType ? `${common.SnapshotType} snapshot` : "",
    server === undefined ? "" : `of ${server}`,
    engine,
    copyOf === undefined ? "" : `copy of ${copyOf}`,
    isRunning && typeof common.PercentProgress === "number" ? `${common.PercentProgress} % done` : "",
    arn === identifier ? "" : (arn ?? "")
  ]
}

const recordOf = (snapshot: Usable, status: Status, options: ImportOptions): SourceRecord => {
  const { kind, id, arn, identifier, common } = snapshot
  const lag = dataLag(snapshot)
  const oldData = status.status === "COMPLETED" && lag?.isLong ? lag.text : undefined
  const backup = backupOf({
    id: backupIdOf(options.source, "rds", arn === undefined ? [kind, id] : [arn]),
    name: identifier ?? id,
    otherwise: id,
    description: describe(snapshot, status, lag),
    status: status.status,
    created: snapshot.created,
    updated: snapshot.updated,
    bytes: bytesOf(snapshot),
    instance: snapshot.instance,
    locationRef: options.location === undefined ? arn : `${options.location}/${id}`,
    datastore: datastoreOf(common)
  })
  return { backup, nativeId: plainText(id), suspect: status.suspect ?? oldData }
}

type Output = Readonly<Record<string, unknown>>

const inventory = (output: Output, options: ImportOptions) => {
  const problems: Array<Problem> = []
  const snapshots: Array<Usable> = []
  const next = ["NextToken", "Marker"].find((name) => output[name])
  if (next !== undefined) problems.push({ place: next, message: "more pages follow, and they are not here" })
  let isWhole = true
  for (const [name, read] of Object.entries(lists)) {
    const list = output[name]
    for (const [n, entry] of (Array.isArray(list) ? list : []).entries()) {
      const { snapshot, problems: broken } = read(entry, `${name}[${n}]`)
      problems.push(...broken)
      const found = snapshot && usable(snapshot)
      if (found !== undefined && "id" in found) snapshots.push(found)
      else {
        isWhole = false
        if (found !== undefined) problems.push(found)
      }
    }
  }
  const last = lastFinished(snapshots)
  const placed = snapshots.map((snapshot) => {
    const { place } = snapshot
    const status = statusOf(snapshot, last)
    if (status.problem !== undefined) problems.push({ place, message: status.problem })
    return { place, record: recordOf(snapshot, status, options) }
  })
  return inventoryOf(placed, problems, isWhole, next !== undefined)
}

const isRds = (value: unknown): value is Output =>
  Predicate.isRecord(value) &&
  Object.keys(lists).some((name) => Array.isArray(value[name])) &&
  Object.keys(lists).every((name) => value[name] === undefined || Array.isArray(value[name]))

// Where Python does not indent the line of a program that it warns of.
const lineWarned = /^warnings\.warn\($/

/** Reads `aws rds describe-db-snapshots` and `aws rds describe-db-cluster-snapshots`, as JSON. */
export const rds: OutputImporter = {
  kind: "output",
  name: "rds",
  title: TITLE,
  command: ["aws", "rds", "describe-db-snapshots", "--output", "json"],
  detect: (bytes) => looksLike(bytes, isRds, /^\{\s*"DB(?:Cluster)?Snapshots"\s*:/),
  parse: (bytes, options) =>
    Effect.gen(function* () {
      yield* refuseComplaints(
        TITLE,
        messagesOf(options.stderr),
        (message) => pythonWarning.test(message) || lineWarned.test(message)
      )
      const value = yield* Effect.mapError(readJson(bytes, TITLE), withAdvice(ADVICE))
      if (!isRds(value)) {
        return yield* new SourceRefused({ message: `This is not a list of snapshots of Amazon RDS: ${ADVICE}.` })
      }
      return inventory(value, options)
    })
}
