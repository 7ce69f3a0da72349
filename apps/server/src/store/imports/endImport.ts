import type { ImportEnd, ImportStore, RunningImport } from "@backup-catalog/core/store"
import { Effect, Option } from "effect"
import { present } from "../backupWrites.ts"
import type { Hold, Holds } from "./Holds.ts"
import type { ImportStatements } from "./ImportStatements.ts"
import { toImport } from "./importRows.ts"

/** How imports end, and let go of their source. */
export const makeEnd = <Given>(statements: ImportStatements<Given>, holds: Holds): typeof ImportStore.Service.end => {
  const finish = Effect.fnUntraced(function* (
    { account, number }: RunningImport,
    { source, row }: Hold,
    { status, message, rejected }: ImportEnd
  ) {
    const finished = yield* present
    yield* statements.finish(account, number, { status, finished, rejected, message: Option.getOrNull(message) })
    yield* statements.release(account, source, number)
    return toImport((yield* statements.importOf(account, number)) ?? row)
  })

  return (running, given) =>
    Effect.suspend(() => {
      const hold = holds.of(running)
      const { account, number } = running
      const { status } = given
      const message = Option.getOrNull(given.message)
      const result = running.dryRun
        ? Effect.map(present, (finished) => toImport({ ...hold.row, status, finished, message }))
        : statements.lasting("endImport", account, finish(running, hold, given))
      return result.pipe(
        // What is left of it is found by the next one that begins.
        Effect.tap(() => Effect.ignore(statements.close(account, number))),
        Effect.tap(() => Effect.sync(() => holds.drop(running)))
      )
    })
}
