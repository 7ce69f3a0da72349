import { BackupCatalog } from "@backup-catalog/core"
import { Clock, Effect } from "effect"
import { Account } from "../Account.ts"
import { makeRow } from "../BackupRow.ts"
import type { CatalogCommand } from "../Command.ts"
import { outputFlags, readOutput } from "../outputFlags.ts"
import { readBackupId } from "../readBackupId.ts"
import { Screen } from "../Screen.ts"

/** `backups show`: everything that is known of one backup. */
export const show: CatalogCommand<keyof typeof outputFlags> = {
  kind: "catalog",
  name: "show",
  summary: "Show everything that is known of one backup.",
  argument: { name: "ID", help: "The id of the backup, as backups list shows it." },
  flags: outputFlags,
  examples: [
    ["backups show e2d3dfca-430f-4cd2-bec0-884cd7426f13", "One property a line."],
    ["backups show e2d3dfca-430f-4cd2-bec0-884cd7426f13 -o value -c status", "Nothing but the status, for a script."]
  ],
  run: Effect.fnUntraced(function* (input) {
    const screen = yield* Screen
    const catalog = yield* BackupCatalog
    const account = yield* Account
    const now = yield* Clock.currentTimeMillis
    const { format, options } = yield* readOutput(input, screen)
    const id = yield* readBackupId(input.argument)
    const backup = yield* catalog.get(account, id)
    yield* screen.write(format.show(options)(makeRow(backup, now)))
  })
}
