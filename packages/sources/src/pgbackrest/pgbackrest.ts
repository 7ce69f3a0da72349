import { Effect, Predicate } from "effect"
import {
  type ImportOptions,
  type Inventory,
  type OutputImporter,
  type Problem,
  type SourceRecord,
  SourceRefused
} from "../Importer.ts"
import { messagesOf, refuseComplaints } from "../reading/complaints.ts"
import { decodeEntries, type Placed, placedIn } from "../reading/decodeEntries.ts"
import { decodeEntry } from "../reading/decodeEntry.ts"
import { looksLike } from "../reading/looksLike.ts"
import { readJson } from "../reading/readJson.ts"
import { withAdvice } from "../reading/withAdvice.ts"
import { backupIdOf } from "../records/backupId.ts"
import { backupOf } from "../records/backupOf.ts"
import { inventoryOf, type PlacedRecord } from "../records/inventoryOf.ts"
import { plainText, toolWords } from "../records/recordText.ts"
import { Database, Repository, Stanza, StanzaBackup } from "./Stanza.ts"
import { databaseOf, keyOf, lastDatabases, repositoryOf, type StanzaContext } from "./StanzaContext.ts"
import { DATABASE_MISMATCH, stanzaGaps } from "./stanzaGaps.ts"
import { suspectOf, unclearIn } from "./suspicion.ts"

const NAME = "pgbackrest"
const TITLE = "pgBackRest"
const COMMAND = ["pgbackrest", "info", "--output=json"]
const ADVICE = `give what \`${COMMAND.join(" ")}\` printed`

// The levels of its log that are below errors, as they are written to stderr and to a console.
const harmless = /^(?:[\d:. -]+)?(?:P\d+ )?(?:WARN|INFO|DETAIL|DEBUG|TRACE): /

const locationOf = (label: string, { name, repositories, options }: StanzaContext): string | undefined =>
  // One location cannot be that of two repositories.
  options.location === undefined || repositories.length > 1 ? undefined : `${options.location}/backup/${name}/${label}`

const repositoryWords = (key: string, { repositories, cipher: only }: StanzaContext): string => {
  const repository = repositories.find(({ value }) => keyOf(value.key) === key)
  const cipher = (repositories.length === 0 ? only : repository?.value.cipher) ?? "none"
  return `repository ${key}${cipher === "none" ? "" : ` (${cipher})`}`
}

// Without these a backup would be taken for another one, or for one that is good.
const VITAL = ["database.repo-key", "database.id", "prior"]

const MISMATCH = `pgBackRest says that the repositories are of different databases (code ${DATABASE_MISMATCH}), so backups that are not of the last database of each are called suspect: run stanza-upgrade`

/** What tells a label from the same one in another repository of the stanza. */
const placeInRepository = (backup: StanzaBackup, label: string): string => JSON.stringify([repositoryOf(backup), label])

/**
 * What is to be said of backups whose `prior` is not in the list, which a whole list has; undefined when all are there.
 */
const orphansIn = (backups: ReadonlyArray<StanzaBackup>): string | undefined => {
  const listed = new Set(backups.map((backup) => placeInRepository(backup, backup.label)))
  const [first, ...others] = backups.filter(
    (backup) => backup.prior && !listed.has(placeInRepository(backup, backup.prior))
  )
  if (first === undefined) return undefined
  const more = others.length === 0 ? "is" : `and ${others.length} more are`
  return plainText(
    `${first.label} ${more} on what is not in the list (${first.prior}), and so not to be restored, unless the list was cut down by --type`
  )
}

/** The record of a backup; undefined when it has no time. */
const recordOf = (read: StanzaBackup, context: StanzaContext): SourceRecord | undefined => {
  const { label, timestamp, info } = read
  const prior = read.prior ?? undefined
  const type = read.type ?? "backup"
  const created = timestamp?.start ?? timestamp?.stop
  if (created === null || created === undefined) return undefined
  const suspect = suspectOf(read, context)
  const key = repositoryOf(read)
  const idOf = (native: string) => backupIdOf(context.options.source, NAME, [key, context.name, native])
  const backup = backupOf({
    id: idOf(label),
    name: label,
    otherwise: label,
    description: [
      prior === undefined ? type : `${type}, on ${prior}`,
      repositoryWords(key, context),
      suspect,
      ...Object.entries(read.annotation ?? {}).map(([about, text]) => `${about}: ${text}`)
    ],
    status: "COMPLETED",
    created,
    updated: timestamp?.stop ?? created,
    bytes: info?.repository?.delta ?? info?.delta ?? undefined,
    instance: context.name,
    parentId: prior === undefined ? undefined : idOf(prior),
    locationRef: locationOf(label, context),
    datastore: { type: "PostgreSQL", version: databaseOf(read, context)?.version ?? undefined }
  })
  return { backup, nativeId: label, nativeParentId: prior, suspect }
}

interface BackupRead {
  readonly record?: PlacedRecord
  readonly problems: ReadonlyArray<Problem>
}

const readBackup = (backup: Placed<StanzaBackup>, context: StanzaContext): BackupRead => {
  const { place, value } = backup
  const record = recordOf(value, context)
  const problems = unclearIn(backup)
  return record === undefined
    ? { problems: [...problems, { place, message: "it has no time, so it was left out" }] }
    : { record: { place, record }, problems }
}

interface StanzaRead {
  readonly records: ReadonlyArray<PlacedRecord>
  readonly problems: ReadonlyArray<Problem>
  /** Whether all that is here was understood, and nothing is missing that was not left out by an option. */
  readonly isWhole: boolean
  readonly isPart: boolean
  readonly name?: string
  readonly systems?: ReadonlySet<string>
}

const readStanza = (entry: unknown, index: number, options: ImportOptions): StanzaRead => {
  const { value: stanza, problems: broken } = decodeEntry(Stanza, entry, `[${index}]`)
  if (stanza === undefined) return { records: [], problems: broken, isWhole: false, isPart: false }
  const { name, cipher, status, backup: listed } = stanza
  const place = plainText(name)
  const repositories = decodeEntries(Repository, placedIn(stanza.repo ?? [], `${place}.repo`))
  const databases = decodeEntries(Database, placedIn(stanza.db ?? [], `${place}.db`), ["repo-key"])
  const backups = decodeEntries(StanzaBackup, placedIn(listed ?? [], place), VITAL)
  const isMismatch = status?.code === DATABASE_MISMATCH
  const context: StanzaContext = {
    name,
    cipher,
    databases: databases.found,
    repositories: repositories.found,
    presentDatabases: lastDatabases(databases.found),
    isMismatch,
    options
  }
  const read = backups.found.map((backup) => readBackup(backup, context))
  const records = read.flatMap(({ record }) => record ?? [])
  const ofOneSet = (listed ?? []).some((one) => Predicate.isRecord(one) && Object.hasOwn(one, "database-ref"))
  const orphans = ofOneSet ? undefined : orphansIn(backups.found.map(({ value }) => value))
  const gaps = stanzaGaps({
    place,
    status,
    repositories: repositories.found.map(({ place: at, value }) => ({
      place: at,
      key: keyOf(value.key),
      status: value.status
    })),
    keysOfBackups: new Set(backups.found.map(({ value }) => repositoryOf(value))),
    ofOneSet
  })
  return {
    records,
    problems: [
      ...[broken, repositories.problems, databases.problems, backups.problems].flat(),
      ...read.flatMap(({ problems }) => problems),
      ...(orphans === undefined ? [] : [{ place, message: orphans }]),
      ...(isMismatch ? [{ place: `${place}.status`, message: MISMATCH }] : []),
      ...(listed ? [] : [{ place, message: "it has no list of backups, so backups may be missing" }]),
      ...gaps.problems
    ],
    isWhole:
      broken.length === 0 &&
      records.length === listed?.length &&
      repositories.areAll &&
      databases.areAll &&
      gaps.areAskedFor,
    isPart: gaps.problems.length > 0,
    name,
    systems: new Set(databases.found.flatMap(({ value }) => value["system-id"]?.toString() ?? []))
  }
}

/** What is to be said of stanzas of one name that have no database in common: they are of two repository hosts. */
const namesakes = (stanzas: ReadonlyArray<StanzaRead>): ReadonlyArray<Problem> => {
  const known = new Map<string, ReadonlySet<string>>()
  return stanzas.flatMap(({ name, systems = new Set() }, index) => {
    if (name === undefined) return []
    const before = known.get(name)
    known.set(name, systems)
    if (before === undefined || before.size === 0 || systems.size === 0) return []
    if ([...systems].some((system) => before.has(system))) return []
    const message = `another stanza is called ${plainText(name)} and is of other databases: import each as a source of its own`
    return [{ place: `[${index}]`, message }]
  })
}

const isStanza = (value: unknown): boolean =>
  Predicate.isRecord(value) &&
  typeof value.name === "string" &&
  (Array.isArray(value.backup) || (Predicate.isRecord(value.status) && typeof value.status.code === "number"))

/** Whether a value is an answer of `info`: a list of stanzas, of which some may be broken, or of none. */
const isInfo = (value: unknown): value is ReadonlyArray<unknown> =>
  Array.isArray(value) && (value.length === 0 || value.some(isStanza))

const beginning = /^\[\s*\{\s*"archive"\s*:\s*\[/

// What could not be decrypted is noise: no text, or characters that JSON never has as they are.
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
const noise = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/
const encrypted = /"cipher"\s*:\s*"(?!none")/

/**
 * Why there is no JSON. With a wrong passphrase pgBackRest puts what it could not decrypt into its answer, as it is.
 */
const refusalOf = (bytes: Uint8Array, refused: SourceRefused): SourceRefused => {
  const text = new TextDecoder().decode(bytes).trimStart()
  const words = [...text.matchAll(/"message"\s*:\s*"([^"]*)/g)].map(([, message = ""]) => message)
  const complaint = words.find((message) => /^\[|error/i.test(message)) ?? words.find((message) => message !== "ok")
  const isOfPassphrase = noise.test(text) && (complaint !== undefined || encrypted.test(text))
  if (!beginning.test(text) || !isOfPassphrase) return withAdvice(ADVICE)(refused)
  return new SourceRefused({
    message:
      "The answer of pgBackRest is damaged; it is so where the passphrase of a repository is wrong " +
      `(repo-cipher-pass). It says: ${toolWords(complaint ?? "nothing of it")}`
  })
}

/** Reads `pgbackrest info --output=json`: all stanzas, or those that were asked for. */
export const pgbackrest: OutputImporter = {
  kind: "output",
  name: NAME,
  title: TITLE,
  command: COMMAND,
  detect: (bytes) => looksLike(bytes, (value) => isInfo(value) && value.length > 0, beginning),
  parse: (bytes, options): Effect.Effect<Inventory, SourceRefused> =>
    Effect.gen(function* () {
      yield* refuseComplaints(TITLE, messagesOf(options.stderr), (message) => harmless.test(message))
      const value = yield* Effect.mapError(readJson(bytes, TITLE), (refused) => refusalOf(bytes, refused))
      if (!isInfo(value)) {
        return yield* new SourceRefused({ message: `This is not an answer of pgBackRest: ${ADVICE}.` })
      }
      const stanzas = value.map((entry, index) => readStanza(entry, index, options))
      const mixed = namesakes(stanzas)
      return inventoryOf(
        stanzas.flatMap((stanza) => stanza.records),
        [...mixed, ...stanzas.flatMap((stanza) => stanza.problems)],
        mixed.length === 0 && stanzas.every(({ isWhole }) => isWhole),
        stanzas.some(({ isPart }) => isPart)
      )
    })
}
