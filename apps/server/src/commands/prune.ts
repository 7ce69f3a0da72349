import type { Setting } from "@backup-catalog/command-line"
import { formatInstant, instantFromMillis, parsePointInTime, pointInTimeFormsAs } from "@backup-catalog/core"
import { Clock, Console, Effect } from "effect"
import { type Pruned, Pruning } from "../store/Pruning.ts"
import { existingStoreLayer } from "../store/StoreLive.ts"
import { CommandError } from "./CommandError.ts"
import { formatCount } from "./formatCount.ts"
import { openStore } from "./openStore.ts"
import { print } from "./print.ts"
import { serverCommand } from "./ServerCommand.ts"
import { accountFlag, accountOf, isOn, shown, wrong } from "./settings.ts"
import { storeOptions } from "./storeOptions.ts"

/** What went later than that is what somebody asks for after an accident, in milliseconds; 24m is no 24 months. */
const LATEST = 7 * 86_400_000

const forms = pointInTimeFormsAs("104w 730d", "2024-11-01")

const timeOf = Effect.fnUntraced(function* ({ name, value: text }: Setting) {
  const now = yield* Clock.currentTimeMillis
  const time = parsePointInTime(text, now)
  if (time === undefined) return yield* wrong(`${name} must be ${forms}; not ${shown(text)}.`)
  if (time > instantFromMillis(now - LATEST)) {
    return yield* wrong(`${name} must be at least 7d ago, so that nothing is forgotten too soon; not ${text}.`)
  }
  return time
})

const sentence = ({ retired, deleted, imports }: Pruned, isDry: boolean) =>
  `${formatCount(retired)} retired, ${formatCount(deleted)} deleted, ${formatCount(imports)} ` +
  `${imports === 1 ? "import" : "imports"} ${isDry ? "would be forgotten" : "forgotten"}.`

/** `prune`: forgets what has long been gone. */
export const prune = serverCommand({
  name: "prune",
  summary: "Forget what was retired or deleted long ago, and its history.",
  details: "The list stays as it is.",
  flags: {
    before: {
      value: "WHEN",
      required: true,
      help: `What went before this is forgotten: ${forms}; at least 7d ago.`
    },
    account: { ...accountFlag, help: "Only of this account, such as 1234." },
    "dry-run": { help: "Only count what would be forgotten." },
    ...storeOptions
  },
  examples: [
    ["backup-catalog-server prune --before 104w --dry-run", "What went more than two years ago, counted."],
    ["backup-catalog-server prune --before 730d --account 1234", "The same of one account, forgotten."]
  ],
  run: (given) =>
    Effect.gen(function* () {
      const time = yield* timeOf(given.before)
      const only = given.account === undefined ? undefined : yield* accountOf(given.account)
      const dryRun = yield* isOn(given["dry-run"])
      yield* Effect.gen(function* () {
        const pruning = yield* Pruning
        const accounts = (yield* pruning.accounts).filter((account) => only === undefined || account === only)
        if (only !== undefined && accounts.length === 0) {
          return yield* new CommandError({ exitCode: 1, message: `There is no account ${only} in this store.` })
        }
        let all: Pruned = { retired: 0, deleted: 0, imports: 0 }
        for (const account of accounts) {
          const { retired, deleted, imports } = yield* pruning.prune(account, time, dryRun)
          if (retired + deleted + imports === 0) continue
          yield* print(`Account ${account}: ${sentence({ retired, deleted, imports }, dryRun)}`)
          all = { retired: all.retired + retired, deleted: all.deleted + deleted, imports: all.imports + imports }
        }
        yield* print(`In all, gone before ${formatInstant(time)}Z: ${sentence(all, dryRun)}`)
      }).pipe(Effect.provide(openStore(given, existingStoreLayer)))
    }).pipe(
      Effect.onInterrupt(() =>
        Console.error("Stopped; what was forgotten so far is gone, and running it again goes on.")
      ),
      Effect.catchTag(
        "StoreUnavailable",
        ({ reason }) =>
          new CommandError({
            exitCode: 1,
            message: `The store does not answer (${reason}); what was forgotten so far is gone, and running it again goes on.`
          })
      )
    )
})
