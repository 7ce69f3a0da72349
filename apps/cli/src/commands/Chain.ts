import { type Backup, formatInstant } from "@backup-catalog/core"
import { Clock, Effect, Option } from "effect"
import type { CatalogCommand } from "../commandLine/Command.ts"
import { outputFlagsOf, readOutputOf } from "../commandLine/outputFlags.ts"
import { readBackupId } from "../commandLine/readBackupId.ts"
import { Finding } from "../outcomes/Finding.ts"
import { tellRows } from "../output/tellRows.ts"
import { type BrokenLink, type Chain, chainOf } from "../reports/chainOf.ts"
import { chainRows, chainShape } from "../rows/ChainRow.ts"
import { Account } from "../settings/Account.ts"
import { Screen } from "../terminal/Screen.ts"

const flags = outputFlagsOf(chainShape)

const nameOf = ({ name, id }: Backup): string => `${name} (${id})`

const describeLink = ({ kind, id, nativeId, gone }: BrokenLink, child: Backup): string => {
  if (kind === "cycle") return `it leads in a circle, since ${nameOf(child)} builds on ${id} again`
  const called = Option.match(nativeId, { onNone: () => id, onSome: (native) => `${native} (${id})` })
  const fate = Option.match(gone, {
    onNone: () => "",
    onSome: ({ event, at }) => `; it was ${event} at ${formatInstant(at)}Z`
  })
  return `${nameOf(child)} builds on ${called}, which the catalog does not have${fate}`
}

/** Why the backup cannot be restored, by the link that is nearest to it; undefined when it can. */
const describeBreak = ({ backup, ancestors, broken }: Chain): string | undefined => {
  const [top = backup] = ancestors
  const unusable = [...ancestors, backup].findLast(({ status }) => status !== "COMPLETED")
  if (unusable === backup) return `The backup ${nameOf(backup)} is not COMPLETED but ${backup.status}.`
  const why = unusable
    ? `it builds on ${nameOf(unusable)}, which is not COMPLETED but ${unusable.status}`
    : Option.getOrUndefined(Option.map(broken, (link) => describeLink(link, top)))
  return why === undefined ? undefined : `The chain of ${nameOf(backup)} is broken: ${why}.`
}

/** `backups chain`: what a backup builds on, what builds on it, and where that is broken. */
export const chain: CatalogCommand<keyof typeof flags> = {
  kind: "catalog",
  name: "chain",
  summary: "Show what a backup builds on, and what builds on it.",
  details:
    "Each builds on the one above it, and what branches off is indented; > marks the backup itself. A " +
    "parent that the catalog does not have is MISSING. Exit code 0 when the backup and all that it builds " +
    "on are COMPLETED, 1 when not, 2 to 6 when that could not be found out.",
  argument: { name: "ID", help: "The id of the backup, as backups list shows it." },
  flags,
  searches: () => true,
  examples: [
    ["backups chain e2d3dfca-430f-4cd2-bec0-884cd7426f13", "The whole chain, from the full backup down."],
    [
      "backups chain e2d3dfca-430f-4cd2-bec0-884cd7426f13 -o json | jq -r '.[] | select(.problem) | .id'",
      "The links that are missing or not COMPLETED."
    ]
  ],
  run: Effect.fnUntraced(function* (input) {
    const screen = yield* Screen
    const account = yield* Account
    const now = yield* Clock.currentTimeMillis
    const { format, options } = yield* readOutputOf(input, screen, chainShape)
    const id = yield* readBackupId(input.argument)
    const whole = yield* chainOf(account, id)
    yield* tellRows(format.list(options), chainRows(whole, now))
    if (Option.isNone(whole.descendants)) {
      yield* screen.note("This catalog does not tell which backups are incremental to it.")
    }
    const message = describeBreak(whole)
    if (message !== undefined) return yield* new Finding({ code: 1, message })
  })
}
