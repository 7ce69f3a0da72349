import { formatInstantMicros, type Instant } from "@backup-catalog/core"
import { Effect, Predicate } from "effect"
import {
  type ImportOptions,
  type Inventory,
  type OutputImporter,
  type SourceRecord,
  SourceRefused
} from "../Importer.ts"
import { messagesOf, refuseComplaints } from "../reading/complaints.ts"
import { decodeEntries, type Placed } from "../reading/decodeEntries.ts"
import { looksLike } from "../reading/looksLike.ts"
import { readJson } from "../reading/readJson.ts"
import { backupIdOf } from "../records/backupId.ts"
import { backupOf } from "../records/backupOf.ts"
import { inventoryOf } from "../records/inventoryOf.ts"
import { plainText, toolWords } from "../records/recordText.ts"
import { datastoreOfTags } from "./datastoreOfTags.ts"
import { ResticSnapshot, stableIdIn, timeOf } from "./ResticSnapshot.ts"

const TITLE = "restic"

// What restic asks at a terminal, and says of its own cache, of tries that it repeats, and of rclone on the way. A list
// that lacks something is always announced by another line.
const harmless = [
  /^enter password for repository:$/,
  /^unable to open cache: /,
  /^found \d+ old cache director(y|ies) in /,
  /returned error, retrying after /,
  /operation successful after \d+ retries$/,
  /^rclone: \d{4}\/\d{2}\/\d{2} [\d:.]+ (?:DEBUG|INFO|NOTICE) *: /
]

/** The snapshots of a list, grouped (`--group-by`) or not; undefined when a value is neither. */
const listedIn = (value: unknown): ReadonlyArray<Placed<unknown>> | undefined => {
  // So restic before 0.11 writes a list of none.
  if (value === null) return []
  if (!Array.isArray(value)) return undefined
  return value.flatMap((entry: unknown, n) =>
    Predicate.isRecord(entry) && Array.isArray(entry.snapshots)
      ? entry.snapshots.map((snapshot: unknown, m) => ({ place: `[${n}].snapshots[${m}]`, value: snapshot }))
      : [{ place: `[${n}]`, value: entry }]
  )
}

const recordOf = (snapshot: ResticSnapshot, stableId: string, options: ImportOptions): SourceRecord => {
  const { id, original, hostname, username, summary } = snapshot
  const tags = snapshot.tags ?? []
  const created = timeOf(snapshot.time) as Instant
  const started = summary?.backup_start ? timeOf(summary.backup_start) : undefined
  const ended = summary?.backup_end ? timeOf(summary.backup_end) : undefined
  const read = summary?.total_bytes_processed ?? undefined
  const isOfRun = !summary?.backup_start || started !== undefined
  const backup = backupOf({
    id: backupIdOf(options.source, "restic", [stableId]),
    name: [id.slice(0, 8), ...(snapshot.paths ?? [])].join(" "),
    otherwise: id,
    description: [
      `snapshot ${id}`,
      original && original !== id ? `rewritten from ${original}` : undefined,
      tags.length > 0 ? `tags ${tags.join(", ")}` : undefined,
      username ? `by ${username}` : undefined,
      // --time makes a snapshot older or younger than the run that made it.
      started !== undefined && started !== created ? `made ${formatInstantMicros(started)}` : undefined,
      read === undefined ? undefined : `${read} bytes read`
    ],
    status: "COMPLETED",
    created,
    updated: ended !== undefined && ended > created ? ended : created,
    bytes: (isOfRun ? summary?.data_added_packed : undefined) ?? read,
    instance: hostname ?? undefined,
    locationRef: options.location === undefined ? undefined : `${options.location}/snapshots/${id}`,
    datastore: datastoreOfTags(tags)
  })
  return { backup, nativeId: plainText(id) }
}

const readList = (listed: ReadonlyArray<Placed<unknown>>, options: ImportOptions): Inventory => {
  const { found, problems, areAll } = decodeEntries(ResticSnapshot, listed, ["original"])
  const stableId = stableIdIn(found.map(({ value }) => value))
  const placed = found.map(({ place, value }) => ({ place, record: recordOf(value, stableId(value), options) }))
  return inventoryOf(placed, problems, areAll)
}

const isSnapshot = (entry: unknown): boolean => Predicate.isRecord(entry) && "tree" in entry && "time" in entry

const isResticList = (listed: ReadonlyArray<Placed<unknown>> | undefined): listed is ReadonlyArray<Placed<unknown>> =>
  listed?.some((one) => isSnapshot(one.value)) ?? false

/** Whether a value is a list of rustic, which has its snapshots in pairs of a group and of what is in it. */
const isRusticList = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.some((pair) => Array.isArray(pair) && Array.isArray(pair[1]) && pair[1].some(isSnapshot))

const wordsOf = (value: unknown): string => {
  if (isRusticList(value)) {
    return "This is the list of rustic, in groups: give what `restic snapshots --json` printed, which reads repositories of rustic, too."
  }
  return Predicate.isRecord(value) && typeof value.message === "string"
    ? `restic listed nothing: ${toolWords(value.message)}`
    : "This is not a list of restic: give what `restic snapshots --json` printed."
}

const refused = (value: unknown): SourceRefused => new SourceRefused({ message: wordsOf(value) })

/** Reads `restic snapshots --json`, grouped or not. */
export const restic: OutputImporter = {
  kind: "output",
  name: "restic",
  title: TITLE,
  command: ["restic", "snapshots", "--json"],
  // An empty list is [] with every tool that prints one, so it is nobody's.
  detect: (bytes) =>
    looksLike(
      bytes,
      (value) => isResticList(listedIn(value)) || isRusticList(value),
      /^\[\s*\{\s*"(?:time|group_key)"\s*:/
    ),
  parse: (bytes, options) =>
    Effect.gen(function* () {
      yield* refuseComplaints(TITLE, messagesOf(options.stderr), (message) =>
        harmless.some((pattern) => pattern.test(message))
      )
      const value = yield* readJson(bytes, TITLE)
      const listed = listedIn(value)
      if (listed?.length !== 0 && !isResticList(listed)) return yield* refused(value)
      return readList(listed, options)
    })
}
