import { Effect } from "effect"
import type { CatalogCommand } from "../commandLine/Command.ts"
import {
  commandArgument,
  type ImportFlagName,
  importFlags,
  pathArgument,
  toolArgument
} from "../imports/importFlags.ts"

/** `backups import`: brings the backups that a tool knows of into the catalog, and retires those that it lost. */
export const importBackups: CatalogCommand<ImportFlagName> = {
  kind: "catalog",
  name: "import",
  summary: "Bring the backups that a tool knows of into the catalog.",
  details:
    "Reads what a backup tool prints, or a folder of backups, and brings the catalog up to date: new " +
    "backups are added, and changed ones are changed. Backups that the source no longer has are retired: " +
    "hidden from lists, kept in the history. Nothing is retired unless everything could be read.",
  argument: toolArgument,
  secondArgument: pathArgument,
  rest: commandArgument,
  flags: importFlags,
  examples: [
    ["backups import pgbackrest --exec --source pg-main", "Runs pgbackrest info --output=json here."],
    ["backups import restic snapshots.json --source files --dry-run", "What would change, by what restic printed."],
    ["backups import dumps /srv/dumps --time-zone Europe/Berlin", "All dumps of a folder."],
    ["backups import barman --exec -- ssh barman@backup barman -f json list-backups all", "Runs it elsewhere."],
    [
      "backups list -o ndjson > all && backups import records all --account 4321",
      "The same records in another account."
    ]
  ],
  // Most runs of the program need nothing of it.
  run: (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../imports/runImportCommand.ts")),
      ({ runImportCommand }) => runImportCommand(input)
    )
}
