import { formatInstant, instantFromMillis, parsePointInTime, pointInTimeFormsAs } from "@backup-catalog/core"
import { Command, Options } from "@effect/cli"
import { Clock, Console, Effect, Option } from "effect"
import { CommandError } from "../CommandError.ts"
import { accountOf, accountSetting } from "../settings.ts"
import { type Pruned, Pruning } from "../store/Pruning.ts"
import { existingStoreLayer } from "../store/StoreLive.ts"
import { formatCount } from "./formatCount.ts"
import { openStore } from "./openStore.ts"
import { storeOptions } from "./storeOptions.ts"

/** What went later than that is what somebody asks for after an accident, in milliseconds; 24m is no 24 months. */
const LATEST = 7 * 86_400_000

const forms = pointInTimeFormsAs("104w 730d", "2024-11-01")

const before = Options.text("before").pipe(
  Options.withDescription(`What went before this is forgotten: ${forms}; at least 7d ago`)
)

const dryRun = Options.boolean("dry-run").pipe(Options.withDescription("Only count what would be forgotten"))

const timeOf = Effect.fnUntraced(function* (text: string) {
  const now = yield* Clock.currentTimeMillis
  const time = parsePointInTime(text, now)
  const wrong = (message: string) => new CommandError({ exitCode: 2, message })
  if (time === undefined) return yield* wrong(`--before must be ${forms}; not ${text}.`)
  if (time > instantFromMillis(now - LATEST)) {
    return yield* wrong(`--before must be at least 7d ago, so that nothing is forgotten too soon; not ${text}.`)
  }
  return time
})

const sentence = ({ retired, deleted, imports }: Pruned, isDry: boolean) =>
  `${formatCount(retired)} retired, ${formatCount(deleted)} deleted, ${formatCount(imports)} ${imports === 1 ? "import" : "imports"} ${isDry ? "would be forgotten" : "forgotten"}.`

/** `prune`: forgets what has long been gone. */
export const prune = Command.make(
  "prune",
  { before, account: Options.optional(accountSetting), dryRun, ...storeOptions },
  (options) =>
    Effect.gen(function* () {
      const time = yield* timeOf(options.before)
      const only = Option.isNone(options.account) ? undefined : yield* accountOf(options.account.value)
      yield* Effect.gen(function* () {
        const pruning = yield* Pruning
        const accounts = (yield* pruning.accounts).filter((account) => only === undefined || account === only)
        if (only !== undefined && accounts.length === 0) {
          return yield* new CommandError({ exitCode: 1, message: `There is no account ${only} in this store.` })
        }
        let all: Pruned = { retired: 0, deleted: 0, imports: 0 }
        for (const account of accounts) {
          const { retired, deleted, imports } = yield* pruning.prune(account, time, options.dryRun)
          if (retired + deleted + imports === 0) continue
          yield* Console.log(`Account ${account}: ${sentence({ retired, deleted, imports }, options.dryRun)}`)
          all = { retired: all.retired + retired, deleted: all.deleted + deleted, imports: all.imports + imports }
        }
        yield* Console.log(`In all, gone before ${formatInstant(time)}Z: ${sentence(all, options.dryRun)}`)
      }).pipe(Effect.provide(openStore(options, existingStoreLayer)))
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
).pipe(Command.withDescription("Forget what was retired or deleted long ago, and its history; the list stays as it is"))
