import type { ImportStore } from "@backup-catalog/core/store"
import { Effect } from "effect"
import { makeBegin } from "./beginImport.ts"
import { makeWrite } from "./bringBackups.ts"
import { makeEnd } from "./endImport.ts"
import { makeHolds } from "./Holds.ts"
import type { ImportStatements } from "./ImportStatements.ts"
import { makeRetire } from "./retireMissing.ts"

/** What imports do, step by step, over the statements of a store. */
export const makeImports = <Given>(
  lease: number,
  statements: ImportStatements<Given>
): Omit<typeof ImportStore.Service, "list" | "numberOf" | "get" | "history"> => {
  const { transaction, look } = statements
  const holds = makeHolds(statements)

  return {
    lease,
    batchSize: statements.batchSize,
    begin: makeBegin(lease, statements, holds),
    isAwaited: ({ account }) => statements.isAwaited(account),
    together: holds.together,
    write: makeWrite(statements, holds),
    sight: (running, ids) =>
      Effect.suspend(() => {
        holds.of(running)
        return running.dryRun
          ? look(running.account, running.number, statements.sight(running, ids))
          : transaction("sight", running.account, statements.sight(running, ids))
      }),
    known: (running) =>
      Effect.suspend(() => {
        const { source } = holds.of(running)
        return look(running.account, running.number, statements.known(running.account, source))
      }),
    retire: makeRetire(statements, holds),
    keep: (running) =>
      running.dryRun
        ? Effect.as(look(running.account, running.number, Effect.void), true)
        : Effect.map(
            holds.step(running, "keepImport", () => Effect.succeed(true)),
            (held) => held === true
          ),
    end: makeEnd(statements, holds)
  }
}
