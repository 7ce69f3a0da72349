import { Effect, Predicate, Schema } from "effect"
import { type ImportOptions, type OutputImporter, type Problem, type SourceRecord, SourceRefused } from "../Importer.ts"
import { refuseComplaints } from "../reading/complaints.ts"
import { decodeEntries, placedIn } from "../reading/decodeEntries.ts"
import { decodeEntry, maybe, someText } from "../reading/decodeEntry.ts"
import { looksLike } from "../reading/looksLike.ts"
import { readJson } from "../reading/readJson.ts"
import { requireTimeZone } from "../reading/requireTimeZone.ts"
import { Bytes } from "../reading/toolNumbers.ts"
import { backupIdOf } from "../records/backupId.ts"
import { backupOf } from "../records/backupOf.ts"
import { inventoryOf } from "../records/inventoryOf.ts"
import { plainText } from "../records/recordText.ts"
import { BorgArchive, hasZone, type Span, spanOf } from "./BorgArchive.ts"
import { borgComplaints } from "./borgComplaints.ts"

const TITLE = "Borg"

const Repository = Schema.Struct({ id: someText, location: maybe(Schema.String) })

/** What Borg prints about a repository: with its archives, or without. */
const Output = Schema.Struct({
  repository: Repository,
  archives: maybe(Schema.Array(Schema.Unknown)),
  cache: maybe(Schema.Struct({ stats: maybe(Schema.Struct({ total_size: maybe(Bytes) })) })),
  /** Only `borg info` of a repository as a whole has it, which lists no archives. */
  security_dir: maybe(Schema.Unknown)
})
type Output = typeof Output.Type

const checkpoint = /\.checkpoint(\.\d+)?$/

/**
 * What tells an archive from all others of its repository: in Borg 1 its name; in Borg 2, where two may have one name,
 * its id.
 */
const archiveIn = ({ id, name, start }: BorgArchive): string => (hasZone(start) ? `aid:${id}` : name)

const locationOf = (archive: BorgArchive, repository: Output["repository"], options: ImportOptions) => {
  const location = options.location ?? (repository.location || undefined)
  return location === undefined ? undefined : `${location}::${archiveIn(archive)}`
}

const recordOf = (
  archive: BorgArchive,
  span: Span,
  repository: Output["repository"],
  options: ImportOptions
): SourceRecord => {
  const { id, name, comment, hostname, username, stats } = archive
  const isCheckpoint = checkpoint.test(name)
  const backup = backupOf({
    id: backupIdOf(options.source, "borg", [repository.id, id]),
    name,
    otherwise: id,
    description: [
      isCheckpoint ? "checkpoint of a run that did not end" : undefined,
      comment ?? undefined,
      `archive ${id}`,
      username ? `by ${username}` : undefined,
      stats?.nfiles == null ? undefined : `${stats.nfiles} files`,
      stats?.original_size == null ? undefined : `${stats.original_size} bytes read`
    ],
    status: isCheckpoint ? "FAILED" : "COMPLETED",
    created: span.created,
    updated: span.updated,
    bytes: stats?.deduplicated_size ?? stats?.original_size ?? undefined,
    instance: hostname ?? undefined,
    locationRef: locationOf(archive, repository, options)
  })
  return { backup, nativeId: plainText(id) }
}

/**
 * Whether the archives are all of the repository, as far as the output shows: `borg info` also says what all archives
 * together have read, which Borg 1.2 and later adds up from the archives themselves.
 */
const isWhole = (output: Output, archives: ReadonlyArray<BorgArchive>): boolean => {
  const total = output.cache?.stats?.total_size ?? undefined
  const sizes = archives.map(({ stats }) => stats?.original_size ?? undefined)
  if (total === undefined || sizes.includes(undefined)) return true
  return sizes.reduce<bigint>((sum, size) => sum + (size ?? 0n), 0n) >= total
}

// Of Borg 2 the nominal time is always listed, and the start of the run need not be; they differ by
// `borg create --timestamp`.
const withStart = (entry: unknown): unknown =>
  Predicate.isRecord(entry) && entry.start === undefined && entry.time !== undefined
    ? { ...entry, start: entry.time }
    : entry

const readArchives = (output: Output, listed: ReadonlyArray<unknown>, at: string, options: ImportOptions) =>
  Effect.gen(function* () {
    const read = decodeEntries(BorgArchive, placedIn(listed.map(withStart), `${at}archives`))
    const problems: Array<Problem> = [...read.problems]
    const archives = read.found.map(({ value }) => value)
    const zone = archives.every(({ start, end }) => hasZone(start) && (!end || hasZone(end)))
      ? "UTC"
      : yield* requireTimeZone(
          TITLE,
          options,
          "run Borg with TZ=UTC and give --time-zone UTC, or let it be run on this host with --exec"
        )
    const records = read.found.flatMap(({ place, value: archive }) => {
      const span = spanOf(archive, zone)
      if (span !== undefined) return [{ place, record: recordOf(archive, span, output.repository, options) }]
      problems.push({ place, message: "its start is not a time that a record can hold, so it was left out" })
      return []
    })
    const isAll = isWhole(output, archives)
    if (!isAll) {
      const message = "Borg says that all archives have read more than these, so some are not in this list"
      problems.push({ place: `${at}cache.stats.total_size`, message })
    }
    return { records, problems, isWhole: records.length === listed.length && isAll }
  })

const refused = (why: string): SourceRefused =>
  new SourceRefused({
    message: `${why}: give what \`borg list --json REPOSITORY\`, \`borg info --json --last 1000000 REPOSITORY\` or \`borgmatic list --json\` printed.`
  })

const isBorg = (value: unknown): boolean =>
  Predicate.isRecord(value) &&
  Predicate.isRecord(value.repository) &&
  "id" in value.repository &&
  "location" in value.repository

/** The outputs of Borg in a value: one, or the array in which borgmatic prints those of several repositories. */
const outputsIn = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [value])

const isOfBorg = (value: unknown): boolean => {
  const outputs = outputsIn(value)
  return outputs.length > 0 && outputs.every(isBorg)
}

/** Reads an output of Borg; `at` is where it is in an array, empty where it is alone. */
const readRepository = (value: unknown, at: string, options: ImportOptions) =>
  Effect.gen(function* () {
    const { value: output, problems } = decodeEntry(Output, value, at || "the output")
    const broken = problems.find(({ place }) => place.endsWith(".archives"))
    if (output === undefined || broken !== undefined) return yield* refused("This list of Borg is broken")
    const listed = output.archives ?? undefined
    // An empty list here would be of a command that lists no archives.
    if (listed === undefined || (listed.length === 0 && "security_dir" in output)) {
      return yield* refused("This is what Borg says of a repository or a run, without a list of its archives")
    }
    const found = yield* readArchives(output, listed, at && `${at}.`, options)
    return {
      ...found,
      problems: [...problems, ...found.problems],
      isWhole: found.isWhole && problems.length === 0
    }
  })

/** Reads `borg list --json REPOSITORY` and `borg info --json --last N REPOSITORY`, also as borgmatic prints them. */
export const borg: OutputImporter = {
  kind: "output",
  name: "borg",
  title: TITLE,
  command: ["borg", "info", "--json", "--last", "1000000"],
  heedsTZ: true,
  detect: (bytes) => looksLike(bytes, isOfBorg, /^(?:\[\s*)?\{\s*"(?:archives"\s*:\s*\[|cache"\s*:\s*\{\s*"path")/),
  parse: (bytes, options) =>
    Effect.gen(function* () {
      yield* refuseComplaints(TITLE, borgComplaints(options.stderr), () => false)
      const value = yield* readJson(bytes, TITLE)
      if (!isOfBorg(value)) return yield* refused("This is not a list of Borg")
      const outputs = outputsIn(value)
      // One location cannot be that of two repositories.
      const each = outputs.length > 1 ? { ...options, location: undefined } : options
      const repositories = yield* Effect.forEach(outputs, (output, n) =>
        readRepository(output, Array.isArray(value) ? `[${n}]` : "", each)
      )
      return inventoryOf(
        repositories.flatMap(({ records }) => records),
        repositories.flatMap(({ problems }) => problems),
        repositories.every(({ isWhole }) => isWhole)
      )
    })
}
