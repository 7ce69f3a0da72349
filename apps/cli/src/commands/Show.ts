import { BackupCatalog, BackupId } from "@backup-catalog/core"
import { Clock, Effect, Schema } from "effect"
import { Account } from "../Account.ts"
import { makeRow } from "../Column.ts"
import type { CatalogCommand } from "../Command.ts"
import { outputFlags, readOutput } from "../outputFlags.ts"
import { Screen } from "../Screen.ts"
import { UsageError } from "../UsageError.ts"

const isBackupId = Schema.is(BackupId)

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
    if (!isBackupId(input.argument)) {
      return yield* new UsageError({
        message: "The id of a backup has 1 to 255 characters, none of them a control character, and is not . or .."
      })
    }
    const backup = yield* catalog.get(account, input.argument)
    yield* screen.write(format.show(options)(makeRow(backup, now)))
  })
}
