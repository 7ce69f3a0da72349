import { Effect } from "effect"
import type { LocalCommand } from "../commandLine/Command.ts"
import { type SyncFlagName, syncFlags } from "../sync/syncFlags.ts"

/** `backups sync`: imports all sources of a configuration, once or again and again. */
export const sync: LocalCommand<SyncFlagName> = {
  // Where the catalog is is read anew for each round, and not at all for a check.
  kind: "local",
  name: "sync",
  summary: "Import all sources of a configuration.",
  details: "If one source fails, the others are still imported; the exit code is then 1.",
  flags: syncFlags,
  examples: [
    ["backups sync", "All sources of backups.yaml, once."],
    ["backups sync --every 15m", "Again and again, until Ctrl-C or SIGTERM."],
    ["backups sync --check --config /etc/backups.yaml", "Whether the configuration can be used."]
  ],
  run: (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../sync/runSyncCommand.ts")),
      ({ runSyncCommand }) => runSyncCommand(input)
    )
}
