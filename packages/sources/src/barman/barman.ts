import { Effect, Predicate } from "effect"
import { type Inventory, type OutputImporter, type Problem, SourceRefused } from "../Importer.ts"
import { messagesOf, pythonWarning, refuseComplaints } from "../reading/complaints.ts"
import { looksLike } from "../reading/looksLike.ts"
import { readJson } from "../reading/readJson.ts"
import { withAdvice } from "../reading/withAdvice.ts"
import { isTimeZone } from "../reading/zonedTime.ts"
import { inventoryOf } from "../records/inventoryOf.ts"
import { plainText, toolWords } from "../records/recordText.ts"
import type { BarmanRead } from "./BarmanBackup.ts"
import { type BarmanRecords, barmanRecords } from "./barmanRecords.ts"
import { cloudCommand } from "./cloudCommand.ts"
import { isDiagnosis, readDiagnosis } from "./diagnose.ts"
import { barmanMessages, isMessages, serversOf } from "./jsonOutput.ts"
import { isBackupList, isMinimalList, readBackupList } from "./listBackups.ts"
import { isShownBackup, readShownBackup } from "./showBackup.ts"

const TITLE = "Barman"
const COMMAND = ["barman", "diagnose"]
const ADVICE = "give what `barman diagnose` printed, or `barman -f json list-backups all`"

// What Barman writes to stderr by its documentation: warnings, and with -d what it is about.
const harmless = /^(?:WARNING|DEBUG): /

/** What an answer tells; undefined when it is none of Barman's. */
const readAnswer = (value: unknown): BarmanRead | undefined => {
  if (isDiagnosis(value)) return readDiagnosis(value)
  if (isShownBackup(value)) return readShownBackup(value)
  return isBackupList(value) ? readBackupList(value) : undefined
}

/** What Barman says in `_INFO`: that it passed over a server. */
const passedOver = (value: unknown): ReadonlyArray<Problem> =>
  barmanMessages(value, "_INFO").map((message, n) => ({
    place: `_INFO[${n}]`,
    message: `Barman says: ${toolWords(message)}, so backups may be missing`
  }))

/**
 * Of which servers Barman has no backup beside others of which it has some. A list of none at all is whole: an import
 * does not retire everything without being told to.
 */
const bareServers = ({ backups, bareServers: bare = [] }: BarmanRead): ReadonlyArray<Problem> =>
  backups.length === 0
    ? []
    : bare.map((server) => ({
        place: plainText(server),
        message:
          "Barman lists no backup of this server, as it also does where the folder of its backups is missing: check that it is mounted"
      }))

/** With `-f json`, the answer of `diagnose` is a text in the last message, beside which there may be warnings. */
const unwrapped = (value: unknown): Effect.Effect<unknown, SourceRefused> => {
  const last = serversOf(value)?.length === 0 ? barmanMessages(value, "_INFO").at(-1) : undefined
  return last?.trimStart().startsWith("{") ? readJson(new TextEncoder().encode(last), TITLE) : Effect.succeed(value)
}

const refuseErrors = (value: unknown): Effect.Effect<void, SourceRefused> => {
  const errors = [...barmanMessages(value, "_ERROR"), ...barmanMessages(value, "_EXCEPTION")]
  return errors.length === 0
    ? Effect.void
    : new SourceRefused({
        message: `Barman failed, so nothing of its answer is imported: ${toolWords(errors.join("; "))}`
      })
}

const refuseZoneless = (
  { withoutZone }: BarmanRecords,
  timeZone: string | undefined
): Effect.Effect<void, SourceRefused> => {
  const [first] = withoutZone
  if (first === undefined) return Effect.void
  const backup = plainText(`${first.id} of ${first.server}`)
  return new SourceRefused({
    message:
      timeZone === undefined || isTimeZone(timeZone)
        ? `The times of the backup ${backup} are without a time zone: give the zone of Barman's host with ` +
          `--time-zone, such as Europe/Berlin, or import what \`barman diagnose\` of Barman 3 prints.`
        : `${plainText(timeZone)} is not a time zone, and the times of the backup ${backup} need one: give ` +
          "--time-zone a name such as Europe/Berlin, or an offset such as +05:30."
  })
}

const beginning =
  /^\{\s*(?:"_[A-Z]+"\s*:\s*\[[^\]]*\]\s*,\s*)*(?:"global"\s*:\s*\{\s*"config"|"[^"]+"\s*:\s*\[?\s*\{\s*"backup_id"\s*:)/

/** Whether a value can only be an answer of Barman; lists without any backup or message are anybody's. */
const isOfBarman = (value: unknown): boolean =>
  isDiagnosis(value) ||
  isShownBackup(value) ||
  (Predicate.isRecord(value) &&
    isBackupList(value) &&
    Object.entries(value).some((member) => isMessages(member) || (Array.isArray(member[1]) && member[1].length > 0)))

/** Reads `barman diagnose`, `barman -f json list-backups all` and `barman -f json show-backup SERVER ID`. */
export const barman: OutputImporter = {
  kind: "output",
  name: "barman",
  title: TITLE,
  command: COMMAND,
  detect: (bytes) => looksLike(bytes, isOfBarman, beginning),
  parse: (bytes, options): Effect.Effect<Inventory, SourceRefused> =>
    Effect.gen(function* () {
      yield* refuseComplaints(
        TITLE,
        messagesOf(options.stderr),
        (message) => harmless.test(message) || pythonWarning.test(message)
      )
      const answer = yield* Effect.mapError(readJson(bytes, TITLE), withAdvice(ADVICE))
      yield* refuseErrors(answer)
      const value = yield* unwrapped(answer)
      if (isMinimalList(value)) {
        return yield* new SourceRefused({ message: `This list of Barman has only ids, as with --minimal: ${ADVICE}.` })
      }
      const command = cloudCommand(value)
      if (command !== undefined) {
        return yield* new SourceRefused({ message: `This is what ${command} printed, which is not read: ${ADVICE}.` })
      }
      const read = readAnswer(value)
      if (read === undefined) {
        return yield* new SourceRefused({ message: `This is not a list of backups of Barman: ${ADVICE}.` })
      }
      const found = barmanRecords(read, options)
      yield* refuseZoneless(found, options.timeZone)
      const gaps = [...bareServers(read), ...passedOver(value)]
      const isWhole = found.complete && gaps.length === 0
      return inventoryOf(found.records, [...found.problems, ...gaps], isWhole, read.isPart)
    })
}
