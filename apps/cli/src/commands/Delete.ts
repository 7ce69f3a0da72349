import type { Flags, Input } from "@backup-catalog/command-line"
import {
  type AccountId,
  type Backup,
  BackupCatalog,
  type BackupId,
  type CatalogError,
  isFault
} from "@backup-catalog/core"
import { Clock, Effect } from "effect"
import type { CatalogCommand } from "../commandLine/Command.ts"
import { outputFlags, readOutput } from "../commandLine/outputFlags.ts"
import { readBackupId } from "../commandLine/readBackupId.ts"
import { NotDone } from "../outcomes/NotDone.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import { counted } from "../output/counted.ts"
import type { ListWriter } from "../output/OutputFormat.ts"
import { table } from "../output/table.ts"
import { noteOfList } from "../output/tellRows.ts"
import { Keyboard } from "../reading/Keyboard.ts"
import { backupsOf, type Deletion, describeChange, describeUnfinished, planDeletion } from "../reports/deletionPlan.ts"
import { type BackupRow, backupShape, makeRow } from "../rows/BackupRow.ts"
import { Account } from "../settings/Account.ts"
import { confirm } from "../terminal/confirmation.ts"
import { escapeText } from "../terminal/escapeText.ts"
import { Screen, tell } from "../terminal/Screen.ts"

const deleteFlags: Flags<"yes" | "dry-run"> = {
  yes: { short: "y", help: "Delete without asking." },
  "dry-run": { help: "Show what would be deleted, and delete nothing." }
}

const flags = { ...deleteFlags, ...outputFlags }

const filesStay = (count: number): string => `${count === 1 ? "Its" : "Their"} backup files stay where they are.`

const countBackups = (count: number): string => counted(count, "backup", "backups")

const idsOf = (backups: ReadonlyArray<Backup>): string => backups.map(({ id }) => escapeText(id)).join(" ")

const unknownOf = (deletions: ReadonlyArray<Deletion>): ReadonlyArray<Backup> =>
  deletions.filter(({ descendants }) => descendants === undefined).map(({ backup }) => backup)

const describeUnknown = (backups: ReadonlyArray<Backup>): string =>
  `This catalog does not tell which backups are incremental to ${idsOf(backups)}, and they are deleted as well.`

const refuseUnknown = (deletions: ReadonlyArray<Deletion>): Effect.Effect<void, UsageError> => {
  const unknown = unknownOf(deletions)
  return unknown.length === 0
    ? Effect.void
    : new UsageError({
        message: `Nothing was deleted. ${describeUnknown(unknown)} Give --yes to delete them nevertheless.`
      })
}

/** Fails where the catalog would refuse to delete some of what would go. */
const refuseUnfinished = (deletions: ReadonlyArray<Deletion>, dry: boolean): Effect.Effect<void, NotDone> => {
  const unfinished = describeUnfinished(deletions)
  return unfinished === undefined
    ? Effect.void
    : new NotDone({ message: `Nothing ${dry ? "would be" : "was"} deleted: ${unfinished}.` })
}

/** Shows what is about to go, and asks; what it writes is for the person alone. */
const agreed = Effect.fnUntraced(function* (backups: ReadonlyArray<Backup>, now: number) {
  const screen = yield* Screen
  const { width, colour } = screen
  const writer = table.list({ shape: backupShape(), picked: undefined, header: true, width, colour })
  yield* screen.note(writer.rows(backups.map((backup) => makeRow(backup, now))).trimEnd())
  const these = backups.length === 1 ? "this backup" : `these ${backups.length} backups`
  return yield* confirm(`Delete ${these} from the catalog? ${filesStay(backups.length)}`)
})

/** Fails unless somebody agrees, and what they agreed to is still all that goes. */
const askFirst = Effect.fnUntraced(function* (
  account: AccountId,
  ids: ReadonlyArray<BackupId>,
  deletions: ReadonlyArray<Deletion>,
  now: number
) {
  const screen = yield* Screen
  yield* refuseUnknown(deletions)
  if (!(yield* agreed(backupsOf(deletions), now))) return yield* new NotDone({ message: "Nothing was deleted." })
  // Whoever was asked may have answered an hour later.
  const current = yield* planDeletion(account, ids).pipe(
    Effect.catchTag(
      "ItemNotFound",
      ({ message }) =>
        new NotDone({ message: `Nothing was deleted: since you were asked, one of them went; look again. ${message}` })
    ),
    Effect.tapError(({ _tag }) => (_tag === "NotDone" ? Effect.void : screen.note("Nothing was deleted.")))
  )
  yield* refuseUnknown(current)
  const change = describeChange(deletions, current)
  if (change === undefined) return
  return yield* new NotDone({ message: `Nothing was deleted: since you were asked, ${change}; look again.` })
})

interface Reporting {
  readonly writer: ListWriter<BackupRow> | undefined
  readonly now: number
}

/** What is deleted when it ends early, what perhaps, and what not. */
const describeEnd = (gone: ReadonlyArray<Backup>, perhaps: ReadonlyArray<Backup>, left: ReadonlyArray<Backup>) => {
  if (gone.length === 0 && perhaps.length === 0) return "Nothing was deleted."
  const sentence = (title: string, backups: ReadonlyArray<Backup>) =>
    backups.length === 0 ? [] : [`${title}: ${idsOf(backups)}.`]
  return [...sentence("Deleted", gone), ...sentence("Perhaps deleted", perhaps), ...sentence("Not deleted", left)].join(
    " "
  )
}

/** Deletes one after the other and tells of each; at the first failure, what was deleted and what was not. */
const carryOut = Effect.fnUntraced(function* (
  account: AccountId,
  deletions: ReadonlyArray<Deletion>,
  { writer, now }: Reporting
) {
  const catalog = yield* BackupCatalog
  const screen = yield* Screen
  const gone = new Map<BackupId, Backup>()
  const unknown = unknownOf(deletions)
  const isGoneAlready = (error: CatalogError) => error._tag === "ItemNotFound" && gone.size > 0 && unknown.length > 0
  const sayEnd = (perhaps: ReadonlyArray<Deletion>, left: ReadonlyArray<Deletion>) =>
    screen.note(describeEnd([...gone.values()], backupsOf(perhaps), backupsOf(left)))
  for (const [index, deletion] of deletions.entries()) {
    const rest = deletions.slice(index + 1)
    yield* catalog.remove(account, deletion.backup.id).pipe(
      // It was there when it was shown: it went with another of which nobody could tell.
      Effect.catchIf(isGoneAlready, () => Effect.void),
      Effect.tapError((error) => (isFault(error) ? sayEnd([], [deletion, ...rest]) : sayEnd([deletion], rest)))
    )
    const going = backupsOf([deletion]).filter(({ id }) => !gone.has(id))
    for (const backup of going) gone.set(backup.id, backup)
    const told =
      writer === undefined
        ? going.map(({ id }) => `deleted ${escapeText(id)}\n`).join("")
        : writer.rows(going.map((backup) => makeRow(backup, now)))
    yield* Effect.tapError(tell(told), () => sayEnd([], rest))
  }
  yield* tell(writer?.end ?? "")
  const besides = unknown.length === 0 ? "" : `, and all that are incremental to ${gone.size === 1 ? "it" : "them"}`
  yield* screen.note(`${countBackups(gone.size)} deleted from the catalog${besides}. ${filesStay(gone.size)}`)
})

const dryRun = Effect.fnUntraced(function* (
  deletions: ReadonlyArray<Deletion>,
  writer: ListWriter<BackupRow>,
  now: number
) {
  const screen = yield* Screen
  const backups = backupsOf(deletions)
  yield* screen.write(writer.rows(backups.map((backup) => makeRow(backup, now))) + (writer.end ?? ""))
  yield* noteOfList(writer)
  const unknown = unknownOf(deletions)
  if (unknown.length > 0) yield* screen.note(describeUnknown(unknown))
  yield* screen.note(`Nothing was deleted: without --dry-run, ${countBackups(backups.length)} would be.`)
})

const refuseUnattended = (input: Input<keyof typeof flags>) =>
  Effect.flatMap(Keyboard, ({ attended }) =>
    attended || input.given("yes") || input.given("dry-run")
      ? Effect.void
      : new UsageError({
          message:
            "Nothing was deleted: there is no terminal to ask in. Give --yes to delete without a question, or --dry-run to see what would go."
        })
  )

/** `backups delete`: takes backups out of the catalog, with those that are incremental to them. */
export const deleteBackups: CatalogCommand<keyof typeof flags> = {
  kind: "catalog",
  name: "delete",
  summary: "Delete backups from the catalog, with all that build on them.",
  details:
    "Shows what would go, and asks. Only the records are deleted from the catalog; the backup files stay " +
    "where they are. With -o, the deleted records are written.",
  argument: { name: "ID", repeatable: true, help: "The id of the backup, as backups list shows it." },
  flags,
  examples: [
    ["backups delete e2d3dfca-430f-4cd2-bec0-884cd7426f13", "Shows it and its increments, and asks."],
    ["backups delete --dry-run e2d3dfca-430f-4cd2-bec0-884cd7426f13 -o json", "What would go, as records."],
    [
      "backups list --before 90d -o value -c id | xargs -r -d '\\n' backups delete --dry-run --",
      "What would go if all backups older than 90 days were deleted: newer ones that build on them, too. With GNU xargs."
    ]
  ],
  run: Effect.fnUntraced(function* (input) {
    const screen = yield* Screen
    const account = yield* Account
    const now = yield* Clock.currentTimeMillis
    const { format, options } = yield* readOutput(input, screen)
    const ids = yield* Effect.forEach(input.arguments, readBackupId)
    yield* refuseUnattended(input)

    const deletions = yield* planDeletion(account, ids)
    yield* refuseUnfinished(deletions, input.given("dry-run"))
    if (input.given("dry-run")) return yield* dryRun(deletions, format.list(options), now)
    if (!input.given("yes")) yield* askFirst(account, ids, deletions, now)
    const foreseen = backupsOf(deletions).map((backup) => makeRow(backup, now))
    const shown = input.given("output") || input.given("column")
    const writer = shown ? format.list({ ...options, foreseen }) : undefined
    yield* carryOut(account, deletions, { writer, now })
  })
}
