import { Backup, type BackupId, type BackupStatus, type InstanceId, type Instant } from "@backup-catalog/core"
import { Effect, Option, Predicate } from "effect"
import { type ImportOptions, type OutputImporter, type Problem, type SourceRecord, SourceRefused } from "../Importer.ts"
import { messagesOf, refuseComplaints } from "../reading/complaints.ts"
import { decodeEntry } from "../reading/decodeEntry.ts"
import { jsonValues } from "../reading/jsonValues.ts"
import { looksLike } from "../reading/looksLike.ts"
import { readJson } from "../reading/readJson.ts"
import { withAdvice } from "../reading/withAdvice.ts"
import { backupIdOf } from "../records/backupId.ts"
import { inventoryOf, type PlacedRecord } from "../records/inventoryOf.ts"
import { descriptionText, locationText, plainText, shownText, toolWords } from "../records/recordText.ts"
import { type Answer, gapsIn, isAnswer, placeOf } from "./answers.ts"
import { repaired } from "./repairs.ts"

const NAME = "trove"
const TITLE = "Trove"
const ADVICE = "give answers of GET /v1.0/{account}/backups, one behind the other"

// One that is SAVING may have all of its data, and waits for something else.
const unfinished: ReadonlySet<BackupStatus> = new Set<BackupStatus>(["NEW", "BUILDING"])

/**
 * Tells of each of a server's backups what it surely is: one that is being made, but of which nothing was heard since a
 * finished one of its instance began, is dead. A copy of an older one is made after it, and heard of after it.
 */
const settledAmong = (backups: Iterable<Backup>): ((backup: Backup) => Backup) => {
  const finished = new Map<InstanceId, Instant>()
  for (const backup of backups) {
    if (backup.status !== "COMPLETED" || Option.isNone(backup.instanceId)) continue
    const before = finished.get(backup.instanceId.value)
    if (before === undefined || backup.created > before) finished.set(backup.instanceId.value, backup.created)
  }
  return (backup) => {
    const later = Option.isNone(backup.instanceId) ? undefined : finished.get(backup.instanceId.value)
    if (!unfinished.has(backup.status) || later === undefined) return backup
    if (later <= backup.created || later <= backup.updated) return backup
    // Which one that is, the next import would say otherwise, and so change a record that has not changed.
    const reason = `its server still says ${backup.status}, but a later backup of the instance is finished`
    const description = [reason, ...Option.toArray(backup.description)].join("; ")
    return { ...backup, status: "FAILED", description: Option.some(descriptionText(description)) }
  }
}

/**
 * The record of a backup in the catalog of another server: the same, under an id of this source, since the ids of two
 * servers may be the same, and without a password in its location. Its project is left out: it belongs to the account
 * that it is imported into.
 */
const troveRecord = ({ projectId: _, ...backup }: Backup, { source }: Pick<ImportOptions, "source">): SourceRecord => {
  const idOf = (id: BackupId) => backupIdOf(source, NAME, [id])
  return {
    backup: {
      ...backup,
      id: idOf(backup.id),
      parentId: Option.map(backup.parentId, idOf),
      locationRef: Option.flatMapNullable(backup.locationRef, locationText)
    },
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

/** What a server says when it does not answer the question; undefined when a value is no fault. */
const faultIn = (value: unknown): string | undefined => {
  const [fault, ...others] = Predicate.isRecord(value) ? Object.values(value) : []
  const isFault = others.length === 0 && Predicate.isRecord(fault) && "code" in fault
  return isFault && typeof fault.message === "string" ? toolWords(fault.message) : undefined
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
    const { value, problems: broken } = decodeEntry(Backup, judged.entry, place, ["parent_id", "retired_at"])
    problems.push(...(value === undefined ? [] : judged.problems), ...broken)
    // The other catalog itself no longer has it.
    if (value?.retiredAt !== undefined) retired++
    return value === undefined || value.retiredAt !== undefined ? [] : [{ place, backup: value }]
  })
  return { placed, problems, isWhole: placed.length + retired === backups.length }
}

type AnswerRead = ReturnType<typeof readAnswer>

/**
 * The backups of all answers; of those that a later answer has as well, as when they moved to its page, what that says.
 */
const latestIn = (answers: ReadonlyArray<AnswerRead>) => {
  const last = new Map<BackupId, number>()
  for (const [n, { placed }] of answers.entries()) for (const { backup } of placed) last.set(backup.id, n)
  const backups: Array<PlacedBackup> = []
  const repeated: Array<Problem> = []
  for (const [n, { placed }] of answers.entries()) {
    for (const one of placed) {
      if (last.get(one.backup.id) === n) backups.push(one)
      else {
        const message = `the backup ${plainText(one.backup.id)} is in a later answer as well, and was imported as it is there`
        repeated.push({ place: one.place, message })
      }
    }
  }
  return { backups, repeated }
}

const inventory = (answers: ReadonlyArray<Answer>, options: ImportOptions) => {
  const read = answers.map((answer, n) => readAnswer(answer, placeOf(n, answers)))
  const { backups, repeated } = latestIn(read)
  const records = troveRecords(
    backups.map(({ backup }) => backup),
    options
  )
  const gaps = gapsIn(answers)
  return inventoryOf(
    records.map((record, n): PlacedRecord => ({ place: backups[n]?.place ?? "", record })),
    [...read.flatMap(({ problems }) => problems), ...repeated, ...gaps.problems],
    gaps.areConsecutive && read.every(({ isWhole }) => isWhole),
    gaps.problems.length > 0
  )
}

/** Refuses answers of several projects, whose backups may have the same ids. */
const refuseProjects = (answers: ReadonlyArray<Answer>): Effect.Effect<void, SourceRefused> => {
  const entries = answers.flatMap(({ backups }) => backups).filter(Predicate.isRecord)
  const [first, second] = new Set(entries.map(({ project_id }) => project_id).filter(Predicate.isString))
  return first === undefined || second === undefined
    ? Effect.void
    : new SourceRefused({
        message:
          `These are backups of more than one project (${shownText(first)}, ${shownText(second)}): import ` +
          "those of each as a source of its own."
      })
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
      yield* refuseProjects(answers)
      return inventory(answers, options)
    })
}
