import { randomInt, randomUUID } from "node:crypto"
import type { AccountId, ImportMode, Instant, SourceName } from "@backup-catalog/core"
import type { Begun, ImportStore, StoreUnavailable } from "@backup-catalog/core/store"
import { Effect } from "effect"
import { present, type Step } from "../backupWrites.ts"
import { ChangedChildren } from "./ChangedChildren.ts"
import type { Holds } from "./Holds.ts"
import type { ImportStatements } from "./ImportStatements.ts"
import { ABANDONED } from "./importRows.ts"

const full: Begun = { kind: "full" }

const nothingYet = { created: 0n, updated: 0n, unchanged: 0n, retired: 0n, rejected: 0n, orphaned: 0n, held: true }

/** How imports begin, which hold their source for so many milliseconds of silence. */
export const makeBegin = <Given>(
  lease: number,
  statements: ImportStatements<Given>,
  holds: Holds
): typeof ImportStore.Service.begin => {
  const { transaction, look } = statements

  /** Takes the source for a new import, and ends one of it that nothing was heard of; or says since when one runs. */
  const takeSource = Effect.fnUntraced(function* (
    account: AccountId,
    source: SourceName,
    mode: ImportMode,
    id: string
  ) {
    const started = yield* present
    yield* statements.addSource(account, source)
    const holder = yield* statements.holderOf(account, source, lease)
    if (holder?.held) return holder.started as Instant
    if (holder !== undefined) yield* statements.interrupt(account, holder.number, started, ABANDONED)
    const entered = yield* statements.enter(account, source, id, mode, started)
    if (entered === undefined) return yield* Effect.dieMessage("a source that was just made is not there")
    yield* statements.prune(account, entered.source)
    yield* statements.take(account, entered.source, entered.number)
    return entered
  })

  const start = Effect.fnUntraced(function* (
    account: AccountId,
    { id, number, source }: Readonly<Record<"number" | "source", bigint> & { id: string }>,
    asked: { readonly source: SourceName; readonly mode: ImportMode }
  ) {
    yield* statements.open(account, number)
    const common = { number, id, ...asked, started: yield* present }
    holds.add(id, {
      source,
      row: { ...common, status: "RUNNING", finished: null, message: null, ...nothingYet },
      moved: new ChangedChildren(),
      renamed: new ChangedChildren()
    })
    return { kind: "begun", import: { number, account, id, dryRun: number < 0n } } satisfies Begun
  })

  /**
   * Begins with a source, by its number if the account has it, unless it would be one more than the account may have.
   */
  const unlessFull = (
    account: AccountId,
    source: SourceName,
    maxSources: number,
    body: (known: bigint | undefined) => Step<Begun>
  ): Step<Begun> =>
    Effect.flatMap(statements.sourceOf(account, source), (known) =>
      known === undefined
        ? Effect.if(statements.hasSources(account, maxSources), {
            onTrue: () => Effect.succeed(full),
            onFalse: () => body(known)
          })
        : body(known)
    )

  const beginDryRun = (account: AccountId, source: SourceName, mode: ImportMode, maxSources: number) => {
    const number = -BigInt(randomInt(1, 2 ** 47))
    const body = unlessFull(account, source, maxSources, (known = 0n) =>
      start(account, { id: randomUUID(), number, source: known }, { source, mode })
    )
    return look(account, number, body)
  }

  const beginToWrite = (account: AccountId, source: SourceName, mode: ImportMode, maxSources: number) => {
    const id = randomUUID()
    const body = unlessFull(account, source, maxSources, () =>
      Effect.flatMap(takeSource(account, source, mode, id), (taken) =>
        typeof taken === "bigint"
          ? Effect.succeed<Begun>({ kind: "busy", started: taken })
          : start(account, { id, ...taken }, { source, mode })
      )
    )
    return transaction("beginImport", account, body)
  }

  return (account, source, mode, dryRun, maxSources): Effect.Effect<Begun, StoreUnavailable> =>
    Effect.zipLeft(
      dryRun ? beginDryRun(account, source, mode, maxSources) : beginToWrite(account, source, mode, maxSources),
      Effect.forkDaemon(Effect.ignore(statements.sweep(account)))
    )
}
