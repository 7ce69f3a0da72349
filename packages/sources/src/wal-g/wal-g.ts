import { Effect, Predicate } from "effect"
import { stringify } from "lossless-json"
import {
  type ImportOptions,
  type Inventory,
  type OutputImporter,
  type Problem,
  type SourceRecord,
  SourceRefused
} from "../Importer.ts"
import { messagesOf, refuseComplaints } from "../reading/complaints.ts"
import { looksLike } from "../reading/looksLike.ts"
import { readJson } from "../reading/readJson.ts"
import { withAdvice } from "../reading/withAdvice.ts"
import { backupIdOf } from "../records/backupId.ts"
import { backupOf } from "../records/backupOf.ts"
import { inventoryOf, type PlacedRecord } from "../records/inventoryOf.ts"
import { toolWords } from "../records/recordText.ts"
import { DEFAULT_STORAGE, readWalGFacts, type WalGFacts } from "./WalGFacts.ts"
import { type WalGNames, walGNames } from "./walGNames.ts"

const NAME = "wal-g"
const TITLE = "WAL-G"
const COMMAND = ["wal-g", "backup-list", "--detail", "--json"]
const ADVICE = `give what \`${COMMAND.join(" ")}\` printed`

// A message of its log, on stderr, or before the list in the versions that wrote them to stdout.
const logged = /^(INFO|WARN|WARNING|DEBUG|ERROR): \d{4}\/\d{2}\/\d{2} /
const harmless = /^(?:INFO|DEBUG): |\blevel=(?:INFO|DEBUG)\b|"level":"(?:INFO|DEBUG)"/
// WARN since its log has forms to choose from: LEGACY, which is as the older one, TEXT and JSON.
const warning = /^WARN(?:ING)?: |\blevel=WARN\b|"level":"WARN"/
// What stands behind a message: the place in its source, where the level is DEBUG, or the end of TEXT and JSON.
const behind = String.raw`(?: source=\S+)?["}]*$`
// Of settings that it does not know it warns at each start.
const ofSettings = new RegExp(` is unknown${behind}|We found that some variables `)
const nothingFound = new RegExp(String.raw`\bNo backups found${behind}`)

// What a run says that lists whatever is alive: none without checks, which lists all, nor with --target-storage.
const storagesListed = /\b(?:Take all alive storages from file cache|Found alive storages): \[([^\]]*)\]/

const textOf = (userData: unknown): string | undefined => {
  if (userData === undefined || userData === null || userData === "") return undefined
  return `user data: ${typeof userData === "string" ? userData : stringify(userData)}`
}

const locationOf = ({ name, storage }: WalGFacts, { location }: ImportOptions): string | undefined =>
  // The location is that of the usual storage.
  location === undefined || storage !== undefined ? undefined : `${location}/basebackups_005/${name}`

const recordOf = (facts: WalGFacts, names: WalGNames, options: ImportOptions): SourceRecord | undefined => {
  const { name, storage, start, stop } = facts
  const parent = names.parentOf(facts)
  const created = start ?? stop
  if (created === undefined) return undefined
  const idOf = (native: string) => {
    const key = names.keyOf({ name: native, storage })
    return backupIdOf(options.source, NAME, storage === undefined ? [key] : [storage, key])
  }
  const backup = backupOf({
    id: idOf(name),
    name,
    otherwise: name,
    description: [
      parent === undefined ? undefined : `delta, on ${parent}`,
      storage === undefined ? undefined : `in the storage ${storage}`,
      facts.isPermanent ? "permanent" : undefined,
      textOf(facts.userData)
    ],
    status: "COMPLETED",
    created,
    updated: stop ?? created,
    bytes: facts.bytes,
    instance: facts.instance,
    parentId: parent === undefined ? undefined : idOf(parent),
    locationRef: locationOf(facts, options),
    datastore: facts.datastore
  })
  return { backup, nativeId: name, nativeParentId: parent }
}

const readList = (
  entries: ReadonlyArray<unknown>,
  warnings: ReadonlyArray<Problem>,
  options: ImportOptions
): Inventory => {
  const problems: Array<Problem> = [...warnings]
  const backups = entries.flatMap((entry, n) => {
    const { facts, problems: broken } = readWalGFacts(entry, `[${n}]`)
    problems.push(...broken)
    return facts === undefined ? [] : [facts]
  })
  const names = walGNames(backups)
  const records = backups.flatMap((facts): ReadonlyArray<PlacedRecord> => {
    const record = recordOf(facts, names, options)
    if (record === undefined) problems.push({ place: facts.place, message: "it has no time, so it was left out" })
    return record === undefined ? [] : [{ place: facts.place, record }]
  })
  return inventoryOf(records, problems, warnings.length === 0 && records.length === entries.length)
}

const isEntry = (entry: unknown): boolean =>
  Predicate.isRecord(entry) &&
  ((typeof entry.backup_name === "string" &&
    ["time", "wal_file_name", "modify_time", "modification_time", "start_time"].some((name) => name in entry)) ||
    (typeof entry.BackupName === "string" && ("StartLocalTime" in entry || "FinishLocalTime" in entry)) ||
    (typeof entry.Name === "string" && "gp_version" in entry))

/**
 * Whether a value is a list of WAL-G's, of which entries may be broken, or one of nothing; null is how Go writes that.
 */
const entriesOf = (value: unknown): ReadonlyArray<unknown> | undefined => {
  if (value === null) return []
  return Array.isArray(value) && (value.length === 0 || value.some(isEntry)) ? value : undefined
}

interface Output {
  readonly messages: ReadonlyArray<string>
  readonly list: Uint8Array
}

// A message goes on in lines that are indented; the list is not.
const goesOn = /^[ \t]+[^\s[{]/

/** Splits an output into the messages of the log at its beginning and the list after them. */
const splitLog = (bytes: Uint8Array): Output => {
  let start = 0
  for (;;) {
    const line = new TextDecoder().decode(bytes.subarray(start, start + 64))
    if (!(logged.test(line) || (start > 0 && goesOn.test(line)))) break
    const end = bytes.indexOf(0x0a, start)
    start = end === -1 ? bytes.length : end + 1
  }
  return { messages: messagesOf(new TextDecoder().decode(bytes.subarray(0, start))), list: bytes.subarray(start) }
}

/** What WAL-G warned of, as far as its list may lack something for it. */
const warningsOf = (messages: ReadonlyArray<string>): ReadonlyArray<Problem> =>
  messages
    .filter((message) => !harmless.test(message) && !ofSettings.test(message))
    .map((message) => ({
      place: "stderr",
      message: `WAL-G says: ${toolWords(message)}, so backups may be missing`
    }))

/** What is to be said when the usual storage was not listed, as when it could not be reached. */
const withoutDefault = (messages: ReadonlyArray<string>): ReadonlyArray<Problem> => {
  const listed = messages.flatMap((message) => storagesListed.exec(message)?.[1] ?? [])
  const found = listed.find((names) => !names.split(" ").includes(DEFAULT_STORAGE))
  return found === undefined
    ? []
    : [
        {
          place: "stderr",
          message: `WAL-G listed only the storages ${toolWords(found)}, without ${DEFAULT_STORAGE}, so backups may be missing`
        }
      ]
}

const noBackups: Inventory = {
  records: [],
  problems: [
    {
      place: "",
      message: "WAL-G found no backups, but says so too where it could not look, so backups may be missing"
    }
  ],
  complete: false
}

const beginning = /^\[\s*\{\s*"(?:backup_name|BackupName)"\s*:/

/** Reads `wal-g backup-list --json` of all its databases, with `--detail` or without. */
export const walG: OutputImporter = {
  kind: "output",
  name: NAME,
  title: TITLE,
  command: COMMAND,
  detect: (bytes) =>
    looksLike(
      splitLog(bytes).list,
      (value) => Array.isArray(value) && value.length > 0 && value.every(isEntry),
      beginning
    ),
  parse: (bytes, options): Effect.Effect<Inventory, SourceRefused> =>
    Effect.gen(function* () {
      const output = splitLog(bytes)
      const messages = [...output.messages, ...messagesOf(options.stderr)]
      const isEmpty = output.list.every((byte) => byte <= 0x20)
      if (isEmpty && messages.some((message) => nothingFound.test(message))) return noBackups
      const isSaid = (message: string) => harmless.test(message) || warning.test(message)
      yield* refuseComplaints(TITLE, messages, isSaid)
      const value = yield* Effect.mapError(readJson(output.list, TITLE), withAdvice(ADVICE))
      const entries = entriesOf(value)
      if (entries === undefined) {
        return yield* new SourceRefused({ message: `This is not a list of backups of WAL-G: ${ADVICE}.` })
      }
      return readList(entries, [...warningsOf(messages), ...withoutDefault(messages)], options)
    })
}
