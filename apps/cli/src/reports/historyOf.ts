import {
  type AccountId,
  type BackupId,
  type HistoryEvent,
  ImportCatalog,
  type Origin,
  walkPages
} from "@backup-catalog/core"
import { Chunk, Effect, Option, Stream } from "effect"
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
    if (most !== undefined) {
      const { origins, history } = yield* catalog.history(account, id, { limit: most })
      return Option.some<History>({ origins, events: history })
    }
    let origins: ReadonlyArray<Origin> | undefined
    const events = yield* walkPages(
      (marker) =>
        Effect.tap(catalog.history(account, id, marker === undefined ? {} : { marker }), (page) => {
          origins ??= page.origins
        }),
      ({ history }) => history
    ).pipe(Stream.flattenIterables, Stream.runCollect, Effect.map(Chunk.toReadonlyArray))
    return Option.some<History>({ origins: origins ?? [], events })
  }).pipe(Effect.catchIf(mayLackOperation, () => Effect.succeed(Option.none<History>())))
