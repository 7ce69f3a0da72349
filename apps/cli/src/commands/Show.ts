import type { Flags, Input } from "@backup-catalog/command-line"
import { BackupCatalog, type ItemNotFound } from "@backup-catalog/core"
import { Clock, Effect, Option } from "effect"
import type { CatalogCommand } from "../commandLine/Command.ts"
import { type Output, outputFlagsOf, readOutputOf } from "../commandLine/outputFlags.ts"
import { readBackupId } from "../commandLine/readBackupId.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import { csv } from "../output/csv.ts"
import type { OutputFormat, OutputOptions } from "../output/OutputFormat.ts"
import { value } from "../output/value.ts"
import { type History, historyOf } from "../reports/historyOf.ts"
import { makeRow } from "../rows/BackupRow.ts"
import { type EventRow, eventShape } from "../rows/EventRow.ts"
import { originColumnNames, type ShownRow, shownShape, withoutUnknown } from "../rows/ShownRow.ts"
import { Account } from "../settings/Account.ts"
import { Screen } from "../terminal/Screen.ts"

const historyFlag: Flags<"history"> = {
  history: {
    help: "Also its history: when it appeared, changed, was retired or deleted, and by which import. With csv and value, only the history."
  }
}

const flags = { ...historyFlag, ...outputFlagsOf(shownShape()) }

type FlagName = keyof typeof flags

const refuseColumns = (input: Input<FlagName>) =>
  input.given("history") && input.given("column")
    ? new UsageError({ message: "The options --history and --column exclude each other." })
    : Effect.void

/** Whether what is written says where the backup comes from. */
const tellsOrigin = ({ format, options: { picked } }: Output<ShownRow>): boolean =>
  picked === undefined ? format.forPeople : picked.some(({ name }) => originColumnNames.has(name))

const eventOptions = ({ header, width, colour }: OutputOptions<ShownRow>): OutputOptions<EventRow> => ({
  shape: eventShape,
  picked: undefined,
  header,
  width,
  colour
})

const eventsIn = ({ format, options }: Output<ShownRow>, { events }: History): string => {
  const writer = format.list(eventOptions(options))
  return writer.rows(events) + (writer.end ?? "")
}

const isFlat = (format: OutputFormat): boolean => format === csv || format === value

const textOf = (output: Output<ShownRow>, row: ShownRow, events: boolean): string => {
  const { format, options } = output
  const { history } = row
  const past = events && history !== undefined ? eventsIn(output, history) : ""
  if (format.forPeople) {
    const shown = format.show({ ...options, shape: withoutUnknown(options.shape, row) })(row)
    return past === "" ? shown : `${shown}\n${past}`
  }
  return events && isFlat(format) ? past : format.show(options)(row)
}

/** Shows what happened to a backup that is not there any more, if the catalog remembers it, and then fails. */
const showGone = Effect.fnUntraced(function* (
  output: Output<ShownRow>,
  history: Option.Option<History>,
  error: ItemNotFound
) {
  const screen = yield* Screen
  if (Option.exists(history, ({ events }) => events.length > 0)) {
    yield* screen.write(Option.match(history, { onNone: () => "", onSome: (known) => eventsIn(output, known) }))
  }
  return yield* error
})

/** `backups show`: everything that is known of one backup. */
export const show: CatalogCommand<FlagName> = {
  kind: "catalog",
  name: "show",
  summary: "Show everything that is known of one backup.",
  argument: { name: "ID", help: "The id of the backup, as backups list shows it." },
  flags,
  examples: [
    ["backups show e2d3dfca-430f-4cd2-bec0-884cd7426f13", "One property a line."],
    ["backups show e2d3dfca-430f-4cd2-bec0-884cd7426f13 -o value -c status", "Nothing but the status, for a script."],
    ["backups show e2d3dfca-430f-4cd2-bec0-884cd7426f13 --history", "And what happened to it, newest first."]
  ],
  run: Effect.fnUntraced(function* (input) {
    const screen = yield* Screen
    const catalog = yield* BackupCatalog
    const account = yield* Account
    const now = yield* Clock.currentTimeMillis
    const events = input.given("history")
    yield* refuseColumns(input)
    const output = yield* readOutputOf(input, screen, shownShape(events))
    const id = yield* readBackupId(input.argument)

    const history = events || tellsOrigin(output) ? historyOf(account, id, events ? undefined : 1) : Effect.succeedNone
    const backup = yield* catalog
      .get(account, id)
      .pipe(
        Effect.catchTag("ItemNotFound", (error) =>
          events ? Effect.flatMap(history, (known) => showGone(output, known, error)) : error
        )
      )
    const known = yield* history
    const row = { ...makeRow(backup, now), history: Option.getOrUndefined(known) }
    yield* screen.write(textOf(output, row, events))
    if (events && Option.isNone(known)) yield* screen.note("This catalog does not tell what happened to it.")
  })
}
