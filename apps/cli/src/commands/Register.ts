import type { Flags, Input } from "@backup-catalog/command-line"
import { type AccountId, type Backup, BackupCatalog, isFault, PreconditionFailed } from "@backup-catalog/core"
import { Clock, Effect } from "effect"
import type { CatalogCommand } from "../commandLine/Command.ts"
import { outputFlags, readOutput } from "../commandLine/outputFlags.ts"
import { readRecordFlags, recordFlagNames, recordFlags } from "../commandLine/recordFlags.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import type { OutputFormat, OutputOptions } from "../output/OutputFormat.ts"
import type { PlacedRecord } from "../reading/parseRecords.ts"
import { readRecordFile } from "../reading/recordFile.ts"
import { type BackupRow, makeRow } from "../rows/BackupRow.ts"
import { Account } from "../settings/Account.ts"
import { escapeText } from "../terminal/escapeText.ts"
import { Screen, tell } from "../terminal/Screen.ts"

const registerFlags: Flags<"from" | "replace" | "dry-run"> = {
  from: {
    value: "FILE",
    file: true,
    help: "Records instead of the options above, - for standard input: one as backups show -o json writes it, an array, or one a line."
  },
  replace: { help: "Replace a record that has the same id. Without it, that is refused." },
  "dry-run": { help: "Show the records, and register nothing." }
}

const flags = { ...recordFlags, ...registerFlags, ...outputFlags }

type FlagName = keyof typeof flags

const readRecords = (input: Input<FlagName>, now: number) =>
  Effect.gen(function* () {
    const path = input.value("from")
    if (path === undefined) {
      return [{ place: "", backup: yield* readRecordFlags(input, now) }] satisfies ReadonlyArray<PlacedRecord>
    }
    const other = recordFlagNames.find((name) => input.given(name))
    if (other !== undefined) {
      return yield* new UsageError({
        message: `The option --from takes whole records, so that --${other} has no record to belong to; leave one of them out.`
      })
    }
    return yield* readRecordFile(path)
  })

/** Writes one record as show does, several as list does. */
const writerOf = (format: OutputFormat, options: OutputOptions<BackupRow>, single: boolean, now: number) => {
  const list = single ? undefined : format.list(options)
  const show = format.show(options)
  return {
    row: (backup: Backup) => (list === undefined ? show(makeRow(backup, now)) : list.rows([makeRow(backup, now)])),
    get end() {
      return list?.end ?? ""
    }
  }
}

/** Fails when a record names another account than the one that it would be written into. */
const refuseOthers = (records: ReadonlyArray<PlacedRecord>, account: AccountId): Effect.Effect<void, UsageError> => {
  const other = records.find(({ backup: { projectId } }) => projectId !== undefined && projectId !== account)
  if (other === undefined) return Effect.void
  const { place, backup } = other
  const which = place === "" ? "the record" : place
  return new UsageError({
    message:
      `Nothing was registered: ${which}, the backup ${backup.id}, has the project_id ${backup.projectId}, ` +
      `and the account is ${account}; give --account, or take project_id out.`
  })
}

/** What is known of a single record whose writing failed; undefined when the failure says that it was not written. */
const describeOnly = ({ id }: Backup, fromFile: boolean, known: boolean): string | undefined => {
  if (known) return undefined
  const shown = escapeText(id)
  const again = fromFile ? "" : `, and --id ${shown} does it again`
  return `It is not known whether the backup ${shown} was registered; backups show ${shown} tells${again}.`
}

const describeRest = (done: number, records: ReadonlyArray<PlacedRecord>, known: boolean): string => {
  const failed = records[done]
  const at = failed === undefined ? "" : `${failed.place}, the backup ${escapeText(failed.backup.id)}`
  const before = done === 0 ? "Nothing was registered" : `${done} of ${records.length} records were registered`
  return known ? `${before}; stopped at ${at}.` : `${before}; it is not known whether ${at}, was.`
}

/** `backups register`: puts backups that exist elsewhere into the catalog. */
export const register: CatalogCommand<FlagName> = {
  kind: "catalog",
  name: "register",
  summary: "Put backups that exist elsewhere into the catalog.",
  details:
    "Only the record is written: the catalog takes no backup and opens no location. Without -o, the ids are written.",
  flags,
  examples: [
    [
      "backups register --name nightly --instance db-1 --datastore PostgreSQL:17 --size 1.5G --location s3://backups/nightly-1",
      "One that was made just now."
    ],
    ["backups register --from records.ndjson", "One record a line, in the form of backups list -o ndjson."],
    ["backups show ID -o json | backups register --account 4321 --from -", "The same record in another account."]
  ],
  run: Effect.fnUntraced(function* (input) {
    const screen = yield* Screen
    const catalog = yield* BackupCatalog
    const account = yield* Account
    const now = yield* Clock.currentTimeMillis
    const { format, options } = yield* readOutput(input, screen)
    const records = yield* readRecords(input, now)
    yield* refuseOthers(records, account)
    const single = records.length === 1
    const dryRun = input.given("dry-run")
    const shown = input.given("output") || input.given("column")
    const foreseen = dryRun || shown ? records.map(({ backup }) => makeRow(backup, now)) : []
    const writer = writerOf(format, { ...options, foreseen }, single, now)

    if (dryRun) {
      for (const { backup } of records) yield* screen.write(writer.row(backup))
      yield* screen.write(writer.end)
      return yield* screen.note(
        `Nothing was registered: without --dry-run, ${single ? "this record" : `these ${records.length} records`} would be.`
      )
    }

    const ifAbsent = !input.given("replace")
    for (const [index, { backup }] of records.entries()) {
      const { backup: written, created } = yield* catalog.upsert(account, backup, { ifAbsent }).pipe(
        Effect.catchTag(
          "PreconditionFailed",
          ({ message: _, ...rest }) =>
            new PreconditionFailed({
              ...(rest.requestId === undefined ? {} : { requestId: rest.requestId }),
              message: `There is a backup with the id ${backup.id} already; --replace writes this record in its place.`
            })
        ),
        Effect.tapError((error) => {
          const known = isFault(error)
          const said = single ? describeOnly(backup, input.given("from"), known) : describeRest(index, records, known)
          return said === undefined ? Effect.void : screen.note(said)
        })
      )
      const line = `${created ? "registered" : "replaced"} ${escapeText(written.id)}\n`
      yield* Effect.tapError(tell(shown ? writer.row(written) : line), () =>
        screen.note(`${index + 1} of ${records.length} records were registered.`)
      )
    }
    if (shown) yield* tell(writer.end)
  })
}
