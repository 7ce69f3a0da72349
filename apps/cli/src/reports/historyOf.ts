import { type AccountId, type BackupId, type HistoryEvent, ImportCatalog, type Origin } from "@backup-catalog/core"
import { Effect, Option } from "effect"
import { mayLackOperation } from "../catalog/mayLackOperation.ts"

/** Where a backup comes from, and what happened to it, newest first. */
export interface History {
  readonly origins: ReadonlyArray<Origin>
  readonly events: ReadonlyArray<HistoryEvent>
}

/** The history of a backup, at most the newest events where `most` is given; none when the catalog does not tell. */
export const historyOf = (account: AccountId, id: BackupId, most?: number) =>
  Effect.gen(function* () {
    const catalog = yield* ImportCatalog
    const limit = most === undefined ? {} : { limit: most }
    const { origins, history, next } = yield* catalog.history(account, id, limit)
    const events = [...history]
    const seen = new Set<string>()
    for (let marker = next; marker !== undefined && most === undefined && !seen.has(marker); ) {
      seen.add(marker)
      const page = yield* catalog.history(account, id, { marker })
      events.push(...page.history)
      marker = page.next
    }
    return Option.some<History>({ origins, events })
  }).pipe(Effect.catchIf(mayLackOperation, () => Effect.succeed(Option.none<History>())))
