import { Effect, Predicate, type Schema } from "effect"
import {
  type ImportOptions,
  type Inventory,
  type OutputImporter,
  type Problem,
  type SourceRecord,
  SourceRefused
} from "../Importer.ts"
import { messagesOf, refuseComplaints } from "../reading/complaints.ts"
import { decodeEntry } from "../reading/decodeEntry.ts"
import { looksLike } from "../reading/looksLike.ts"
import { readJson } from "../reading/readJson.ts"
import { withAdvice } from "../reading/withAdvice.ts"
import { backupIdOf } from "../records/backupId.ts"
import { backupOf } from "../records/backupOf.ts"
import { inventoryOf, type PlacedRecord } from "../records/inventoryOf.ts"
import { plainText, toolWords } from "../records/recordText.ts"
import { Database, Repository, Stanza, StanzaBackup } from "./Stanza.ts"
import { DATABASE_MISMATCH, stanzaGaps } from "./stanzaGaps.ts"

const NAME = "pgbackrest"
const TITLE = "pgBackRest"
const COMMAND = ["pgbackrest", "info", "--output=json"]
const ADVICE = `give what \`${COMMAND.join(" ")}\` printed`

// pgBackRest had one repository, and no number for it, before 2.32.
const FIRST_REPOSITORY = "1"

// The levels of its log that are below errors, as they are written to stderr and to a console.
const harmless = /^(?:[\d:. -]+)?(?:P\d+ )?(?:WARN|INFO|DETAIL|DEBUG|TRACE): /

interface Placed<A> {
  readonly place: string
  readonly value: A
}

/** What the backups of a stanza refer to. */
interface StanzaContext {
  readonly name: string
  readonly cipher: string | null | undefined
  readonly databases: ReadonlyArray<Placed<Database>>
  readonly repositories: ReadonlyArray<Placed<Repository>>
  /** The last database of each repository, which is its present one. */
  readonly presentDatabases: ReadonlyArray<Database>
  /** Whether pgBackRest says that the repositories are of different databases. */
  readonly isMismatch: boolean
  readonly options: ImportOptions
}

const keyOf = (key: number | bigint | null | undefined): string => key?.toString() ?? FIRST_REPOSITORY

const databaseOf = ({ database }: StanzaBackup, { databases }: StanzaContext): Database | undefined => {
  const id = database?.id?.toString()
  const key = keyOf(database?.["repo-key"])
  return databases.find(({ value }) => value.id.toString() === id && keyOf(value["repo-key"]) === key)?.value
}

const locationOf = (label: string, { name, repositories, options }: StanzaContext): string | undefined =>
  // One location cannot be that of two repositories.
  options.location === undefined || repositories.length > 1 ? undefined : `${options.location}/backup/${name}/${label}`

const repositoryWords = (key: string, { repositories, cipher: only }: StanzaContext): string => {
  const repository = repositories.find(({ value }) => keyOf(value.key) === key)
  const cipher = (repositories.length === 0 ? only : repository?.value.cipher) ?? "none"
  return `repository ${key}${cipher === "none" ? "" : ` (${cipher})`}`
}

const DAMAGED = "pgBackRest found wrong page checksums: a restore brings damaged pages back"
const PERHAPS_DAMAGED = "what pgBackRest says of its errors is not understood, so it may be damaged"
const OF_PRIOR_DATABASE =
  "it is of the database that the stanza had before stanza-upgrade: a restore brings that back, and not the present one"
const PERHAPS_OF_PRIOR_DATABASE =
  "another repository of the stanza is of another database, as where stanza-upgrade missed one: a restore may bring back the database before the upgrade"
const MISMATCH = `pgBackRest says that the repositories are of different databases (code ${DATABASE_MISMATCH}), so backups that are not of the last database of each are called suspect: run stanza-upgrade`

const damageOf = ({ error }: StanzaBackup): string | undefined => {
  if (error === undefined || error === null || error === false) return undefined
  return error === true ? DAMAGED : PERHAPS_DAMAGED
}

/** Whether a backup is without the one that its type says it is on. */
const lacksPrior = ({ type, prior }: StanzaBackup): boolean => (type === "diff" || type === "incr") && !prior

/** Why a backup may not be good; undefined where nothing speaks against it. */
const suspectOf = (read: StanzaBackup, context: StanzaContext): string | undefined => {
  const doubts = [
    damageOf(read),
    lacksPrior(read) ? `what this ${read.type} backup is on is not known` : undefined,
    doubtOfDatabase(read, context)
  ].filter((doubt) => doubt !== undefined)
  return doubts.length === 0 ? undefined : doubts.join("; ")
}

/** The last database of each repository. */
const lastDatabases = (databases: ReadonlyArray<Placed<Database>>): ReadonlyArray<Database> => {
  const last = new Map<string, Database>()
  for (const { value } of databases) {
    const key = keyOf(value["repo-key"])
    const known = last.get(key)
    if (known === undefined || BigInt(value.id) > BigInt(known.id)) last.set(key, value)
  }
  return [...last.values()]
}

/** What pgBackRest tells a database by: an upgrade that was undone has given it another number. */
const identityOf = (database: Database | undefined): string | undefined => {
  const { "system-id": system, version } = database ?? {}
  return system && version ? `${system} ${version}` : undefined
}

/** Why a backup may not be of the present database of its stanza; undefined where it is. */
const doubtOfDatabase = (read: StanzaBackup, context: StanzaContext): string | undefined => {
  const id = read.database?.id
  if (id === null || id === undefined) return undefined
  const own = identityOf(databaseOf(read, context))
  const others = context.presentDatabases.filter((present) => {
    const identity = identityOf(present)
    return own === undefined || identity === undefined ? BigInt(present.id) > BigInt(id) : identity !== own
  })
  const key = keyOf(read.database?.["repo-key"])
  if (others.some((present) => keyOf(present["repo-key"]) === key)) return OF_PRIOR_DATABASE
  return context.isMismatch && others.length > 0 ? PERHAPS_OF_PRIOR_DATABASE : undefined
}

/** What tells a label from the same one in another repository of the stanza. */
const placeInRepository = ({ database }: StanzaBackup, label: string): string =>
  JSON.stringify([keyOf(database?.["repo-key"]), label])

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
  const key = keyOf(read.database?.["repo-key"])
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
  const problems = [...broken]
  const place = plainText(stanza.name)
  const readAll = <A, I>(
    entries: ReadonlyArray<unknown> | null | undefined,
    at: string,
    schema: Schema.Schema<A, I>,
    vital: ReadonlyArray<string> = []
  ): ReadonlyArray<Placed<A>> =>
    (entries ?? []).flatMap((one, n) => {
      const { value, problems: wrong } = decodeEntry(schema, one, `${at}[${n}]`, vital)
      problems.push(...wrong)
      return value === undefined ? [] : [{ place: `${at}[${n}]`, value }]
    })
  const repositories = readAll(stanza.repo, `${place}.repo`, Repository)
  const databases = readAll(stanza.db, `${place}.db`, Database, ["repo-key"])
  const backups = readAll(stanza.backup, place, StanzaBackup, ["database.repo-key", "database.id", "prior"])
  const isMismatch = stanza.status?.code === DATABASE_MISMATCH
  const context: StanzaContext = {
    name: stanza.name,
    cipher: stanza.cipher,
    databases,
    repositories,
    presentDatabases: lastDatabases(databases),
    isMismatch,
    options
  }
  const records = backups.flatMap(({ place: at, value }): ReadonlyArray<PlacedRecord> => {
    if (lacksPrior(value)) {
      problems.push({
        place: `${at}.prior`,
        message: `it is missing, so what this ${value.type} backup is on is not known`
      })
    }
    if (damageOf(value) === PERHAPS_DAMAGED) {
      problems.push({ place: `${at}.error`, message: "it is neither true nor false, so the backup is called suspect" })
    }
    const record = recordOf(value, context)
    if (record === undefined) problems.push({ place: at, message: "it has no time, so it was left out" })
    return record === undefined ? [] : [{ place: at, record }]
  })
  const ofOneSet = (stanza.backup ?? []).some((one) => Predicate.isRecord(one) && Object.hasOwn(one, "database-ref"))
  const orphans = ofOneSet ? undefined : orphansIn(backups.map(({ value }) => value))
  if (orphans !== undefined) problems.push({ place, message: orphans })
  if (isMismatch) problems.push({ place: `${place}.status`, message: MISMATCH })
  if (stanza.backup === undefined || stanza.backup === null) {
    problems.push({ place, message: "it has no list of backups, so backups may be missing" })
  }
  const gaps = stanzaGaps({
    place,
    status: stanza.status,
    repositories: repositories.map(({ place: at, value }) => ({
      place: at,
      key: keyOf(value.key),
      status: value.status
    })),
    keysOfBackups: new Set(backups.map(({ value }) => keyOf(value.database?.["repo-key"]))),
    ofOneSet
  })
  const isRead =
    broken.length === 0 &&
    records.length === (stanza.backup?.length ?? -1) &&
    repositories.length === (stanza.repo?.length ?? 0) &&
    databases.length === (stanza.db?.length ?? 0)
  return {
    records,
    problems: [...problems, ...gaps.problems],
    isWhole: isRead && gaps.areAskedFor,
    isPart: gaps.problems.length > 0,
    name: stanza.name,
    systems: new Set(databases.flatMap(({ value }) => value["system-id"]?.toString() ?? []))
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

/**
 * Why there is no JSON. With a wrong passphrase pgBackRest puts what it could not decrypt into its answer, as it is.
 */
const refusalOf = (bytes: Uint8Array, refused: SourceRefused): SourceRefused => {
  const text = new TextDecoder().decode(bytes).trimStart()
  if (!beginning.test(text) || !noise.test(text)) return withAdvice(ADVICE)(refused)
  const words = [...text.matchAll(/"message"\s*:\s*"([^"]*)/g)].map(([, message = ""]) => message)
  const complaint = words.find((message) => /^\[|error/i.test(message)) ?? words.find((message) => message !== "ok")
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
