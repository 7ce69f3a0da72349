import {
  Backup,
  type BackupId,
  type BackupStatus,
  backupStatuses,
  type InstanceId,
  type Instant,
  parseInstant
} from "@backup-catalog/core"
import { Effect, Option, Predicate, Schema } from "effect"
import { backupIdOf } from "../backupId.ts"
import { messagesOf, refuseComplaints } from "../complaints.ts"
import { decodeEntry } from "../decodeEntry.ts"
import { type ImportOptions, type OutputImporter, type Problem, type SourceRecord, SourceRefused } from "../Importer.ts"
import { inventoryOf, type PlacedRecord } from "../inventoryOf.ts"
import { jsonValues } from "../jsonValues.ts"
import { looksLike } from "../looksLike.ts"
import { readJson } from "../readJson.ts"
import { descriptionText, nameText, plainText } from "../recordText.ts"
import { withAdvice } from "../withAdvice.ts"

const NAME = "trove"
const TITLE = "Trove"
const ADVICE = "give answers of GET /v1.0/{account}/backups, one behind the other"

const MAX_WORDS = 500

// One that is SAVING may have all of its data, and waits for something else.
const unfinished: ReadonlySet<BackupStatus> = new Set<BackupStatus>(["NEW", "BUILDING"])

/** Tells of each of a server's backups what it surely is: one that is being made, but began before a finished one of its instance, is dead. */
const settledAmong = (backups: Iterable<Backup>): ((backup: Backup) => Backup) => {
  const finished = new Map<InstanceId, Instant>()
  for (const backup of backups) {
    if (backup.status !== "COMPLETED" || Option.isNone(backup.instanceId)) continue
    const before = finished.get(backup.instanceId.value)
    if (before === undefined || backup.created > before) finished.set(backup.instanceId.value, backup.created)
  }
  return (backup) => {
    const later = Option.isNone(backup.instanceId) ? undefined : finished.get(backup.instanceId.value)
    if (!unfinished.has(backup.status) || later === undefined || later <= backup.created) return backup
    // Which one that is, the next import would say otherwise, and so change a record that has not changed.
    const reason = `its server still says ${backup.status}, but a later backup of the instance is finished`
    const description = [reason, ...Option.toArray(backup.description)].join("; ")
    return { ...backup, status: "FAILED", description: Option.some(descriptionText(description)) }
  }
}

/**
 * The record of a backup in the catalog of another server: the same, under an id of this source, since the ids of two
 * servers may be the same. Its project is left out: it belongs to the account that it is imported into.
 */
const troveRecord = ({ projectId: _, ...backup }: Backup, { source }: Pick<ImportOptions, "source">): SourceRecord => {
  const idOf = (id: BackupId) => backupIdOf(source, NAME, [id])
  return {
    backup: { ...backup, id: idOf(backup.id), parentId: Option.map(backup.parentId, idOf) },
    nativeId: plainText(backup.id),
    nativeParentId: Option.getOrUndefined(Option.map(backup.parentId, plainText))
  }
}

/** The records of backups that another server lists. */
export const troveRecords = (
  backups: ReadonlyArray<Backup>,
  options: Pick<ImportOptions, "source">
): ReadonlyArray<SourceRecord> => {
  const settled = settledAmong(backups)
  return backups.map((backup) => troveRecord(settled(backup), options))
}

const knownStatuses: ReadonlySet<unknown> = new Set(backupStatuses)

interface Judged {
  readonly entry: unknown
  readonly problems: ReadonlyArray<Problem>
}

type Entry = Readonly<Record<string, unknown>>

/** What an entry is to have instead of a member that no record can do without, and why; undefined where it is as it should be. */
type Repair = (entry: Entry) => { readonly members: Entry; readonly message: string } | undefined

const ofStatus: Repair = ({ status, description }) => {
  if (knownStatuses.has(status)) return undefined
  const word = typeof status === "string" ? plainText(status).slice(0, MAX_WORDS) : undefined
  const said = word === undefined ? "its server tells no status" : `its server says ${word}`
  return {
    members: {
      status: "FAILED",
      description: descriptionText([said, description].filter(Predicate.isString).join("; "))
    },
    message:
      word === undefined
        ? "there is none, so the backup is called FAILED"
        : `it is ${word}, which is not known, so the backup is called FAILED`
  }
}

const isName = Schema.is(Backup.fields.name)

const ofName: Repair = ({ id, name }) => {
  if (isName(name)) return undefined
  const short = typeof name === "string" ? nameText(name) : undefined
  return short === undefined
    ? { members: { name: id }, message: "there is none, so the id stands for it" }
    : { members: { name: short }, message: "no record can have it as it is, so it was changed" }
}

const isTime = (value: unknown): boolean => typeof value === "string" && parseInstant(value) !== undefined

const ofUpdated: Repair = ({ created, updated }) =>
  isTime(updated) || !isTime(created)
    ? undefined
    : { members: { updated: created }, message: "it is no time, so that of the creation stands for it" }

const repairs: ReadonlyArray<readonly [member: string, repair: Repair]> = [
  ["status", ofStatus],
  ["name", ofName],
  ["updated", ofUpdated]
]

/** An entry with what a record cannot do without, as far as that can be told. */
const repaired = (given: unknown, place: string): Judged => {
  if (!Predicate.isRecord(given)) return { entry: given, problems: [] }
  const problems: Array<Problem> = []
  let entry: Entry = given
  for (const [member, repair] of repairs) {
    const done = repair(entry)
    if (done === undefined) continue
    entry = { ...entry, ...done.members }
    problems.push({ place: `${place}.${member}`, message: done.message })
  }
  return { entry, problems }
}

// The second is how other services of OpenStack call them, and so what stands before a server may.
const linkMembers = ["links", "backups_links"] as const

interface Answer extends Partial<Readonly<Record<(typeof linkMembers)[number], unknown>>> {
  readonly backups: ReadonlyArray<unknown>
}

const isAnswer = (value: unknown): value is Answer => Predicate.isRecord(value) && Array.isArray(value.backups)

/** The member of an answer that has the link to the next one; undefined where nothing follows. */
const nextIn = (answer: Answer): string | undefined =>
  linkMembers.find((member) => {
    const links = answer[member]
    return (Array.isArray(links) ? links : [links]).some((link) => Predicate.isRecord(link) && link.rel === "next")
  })

/** What a server says when it does not answer the question; undefined when a value is no fault. */
const faultIn = (value: unknown): string | undefined => {
  const [fault, ...others] = Predicate.isRecord(value) ? Object.values(value) : []
  const isFault = others.length === 0 && Predicate.isRecord(fault) && "code" in fault
  return isFault && typeof fault.message === "string" ? plainText(fault.message).slice(0, MAX_WORDS) : undefined
}

const refused = (value: unknown): SourceRefused => {
  const fault = faultIn(value)
  return new SourceRefused({
    message:
      fault === undefined
        ? `This is not a list of backups of Trove: ${ADVICE}.`
        : `The server did not answer with a list of backups, but said: ${fault}`
  })
}

interface PlacedBackup {
  readonly place: string
  readonly backup: Backup
}

const readAnswer = ({ backups }: Answer, at: string) => {
  const problems: Array<Problem> = []
  let retired = 0
  const placed = backups.flatMap((one, n): ReadonlyArray<PlacedBackup> => {
    const place = `${at}backups[${n}]`
    const judged = repaired(one, place)
    const { value, problems: broken } = decodeEntry(Backup, judged.entry, place)
    problems.push(...(value === undefined ? [] : judged.problems), ...broken)
    // The other catalog itself no longer has it.
    if (value?.retiredAt !== undefined) retired++
    return value === undefined || value.retiredAt !== undefined ? [] : [{ place, backup: value }]
  })
  return { placed, problems, isWhole: placed.length + retired === backups.length }
}

const inventory = (answers: ReadonlyArray<Answer>, options: ImportOptions) => {
  const place = (n: number) => (answers.length === 1 ? "" : `[${n}].`)
  const read = answers.map((answer, n) => readAnswer(answer, place(n)))
  const placed = read.flatMap((answer) => answer.placed)
  const records = troveRecords(
    placed.map(({ backup }) => backup),
    options
  )
  const last = answers.at(-1)
  const next = last && nextIn(last)
  const more: ReadonlyArray<Problem> =
    next !== undefined
      ? [
          {
            place: `${place(answers.length - 1)}${next}`,
            message: "there is a next link and no answer behind it, so backups are missing"
          }
        ]
      : []
  return inventoryOf(
    records.map((record, n): PlacedRecord => ({ place: placed[n]?.place ?? "", record })),
    [...read.flatMap(({ problems }) => problems), ...more],
    more.length === 0 && read.every(({ isWhole }) => isWhole)
  )
}

// Other services list backups with an id and a time, too.
const isRecordOfBackup = (value: unknown): boolean =>
  Predicate.isRecord(value) &&
  "id" in value &&
  "created" in value &&
  ("instance_id" in value || "locationRef" in value || "datastore" in value)

/** Whether a value can only be an answer of this API; Barman has lists of its own by the names of servers. */
const isOfTrove = (value: unknown): boolean =>
  isAnswer(value) && (value.backups.length === 0 || value.backups.some(isRecordOfBackup))

const beginning = /^\{\s*"backups"\s*:\s*\[\s*(?:\]|\{\s*"(?!backup_id"))/

/**
 * Reads saved answers of the list of backups of a server of this API, as OpenStack Trove has it: one, or the pages of a
 * list behind each other in their order.
 */
export const trove: OutputImporter = {
  kind: "output",
  name: NAME,
  title: TITLE,
  command: [],
  detect: (bytes) => {
    const [first = bytes] = jsonValues(bytes)
    return looksLike(first, isOfTrove, beginning)
  },
  parse: (bytes, options) =>
    Effect.gen(function* () {
      yield* refuseComplaints(TITLE, messagesOf(options.stderr), () => false)
      const answers: Array<Answer> = []
      for (const one of jsonValues(bytes)) {
        const value = yield* Effect.mapError(readJson(one, TITLE), withAdvice(ADVICE))
        if (!isAnswer(value)) return yield* refused(value)
        answers.push(value)
      }
      return inventory(answers, options)
    })
}
