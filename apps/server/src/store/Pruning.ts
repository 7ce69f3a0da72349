import type { AccountId, BackupId, Instant } from "@backup-catalog/core"
import type { StoreUnavailable } from "@backup-catalog/core/store"
import { Array as Arr, Context, Effect } from "effect"
import type { Step, WriteStatements } from "./backupWrites.ts"
import { ABOVE_ALL, BELOW_ALL_IDS } from "./positions.ts"
import { WRITE_GAP } from "./writeGap.ts"

/** Events looked at in one step; no more backups are forgotten in one transaction. */
export const EVENTS_PER_STEP = 2000

/** Where an event is among those of an account: by its backup, and then by time. */
export interface EventPosition {
  readonly id: BackupId
  readonly at: bigint
  readonly number: bigint
}

const START: EventPosition = { id: BELOW_ALL_IDS, at: 0n, number: 0n }

/** A backup that is in the list or is not: whether it was retired, and whether it is to be forgotten. */
export interface ForgottenRow {
  readonly id: BackupId
  readonly retired: bigint | boolean
  readonly forgotten: bigint | boolean
}

/** An event, with what becomes of its backup. */
export interface PrunedEventRow extends EventPosition, ForgottenRow {
  readonly import: bigint | null
}

/**
 * How much of an account was forgotten: backups that had been retired, others that had been deleted, and past imports.
 */
export type Pruned = Readonly<Record<"retired" | "deleted" | "imports", number>>

/** What forgetting is made of, in the language of a store. */
export interface PruneStatements extends Pick<WriteStatements, "transaction" | "raiseVersion"> {
  readonly accounts: Effect.Effect<ReadonlyArray<AccountId>, StoreUnavailable>
  /** The next events of an account behind a place. */
  readonly eventsBehind: (
    account: AccountId,
    before: Instant,
    after: EventPosition
  ) => Effect.Effect<ReadonlyArray<PrunedEventRow>, StoreUnavailable>
  /** What becomes of some backups, as they are in this transaction. */
  readonly fatesOf: (
    account: AccountId,
    before: Instant,
    ids: ReadonlyArray<BackupId>
  ) => Step<ReadonlyArray<ForgottenRow>>
  readonly forget: (account: AccountId, ids: ReadonlyArray<BackupId>) => Step<void>
  /** The imports that ended before a time, but for the last ones of each source. */
  readonly pastImports: (account: AccountId, before: Instant) => Effect.Effect<ReadonlyArray<bigint>, StoreUnavailable>
  /** The imports that origins name. */
  readonly importsOfOrigins: (account: AccountId) => Effect.Effect<ReadonlyArray<bigint>, StoreUnavailable>
  readonly forgetImports: (account: AccountId, imports: ReadonlyArray<bigint>) => Step<void>
}

/** Forgets what has long been gone from a store. */
export class Pruning extends Context.Tag("@backup-catalog/server/Pruning")<
  Pruning,
  {
    /** All accounts that were ever written to. */
    readonly accounts: Effect.Effect<ReadonlyArray<AccountId>, StoreUnavailable>
    /** Forgets what went from an account before a time; a dry run only counts it. */
    readonly prune: (account: AccountId, before: Instant, dryRun: boolean) => Effect.Effect<Pruned, StoreUnavailable>
  }
>() {}

/** Forgets in short transactions, each of which looks again at what it takes away: what comes back meanwhile stays. */
export const makePruning = (statements: PruneStatements): typeof Pruning.Service => {
  const { transaction, raiseVersion } = statements

  const write = <A>(account: AccountId, step: Step<A>) =>
    Effect.zipLeft(transaction("prune", account, step), Effect.sleep(WRITE_GAP))

  const forget = (account: AccountId, before: Instant, ids: ReadonlyArray<BackupId>) =>
    Effect.gen(function* () {
      const rows = (yield* statements.fatesOf(account, before, ids)).filter(({ forgotten }) => forgotten)
      if (rows.length === 0) return rows
      yield* statements.forget(
        account,
        rows.map(({ id }) => id)
      )
      yield* raiseVersion(account)
      return rows
    }).pipe((step) => write(account, step))

  /** Forgets what is among some events, or only finds it. */
  const forgetAmong = (
    account: AccountId,
    before: Instant,
    events: ReadonlyArray<PrunedEventRow>,
    dryRun: boolean
  ): Effect.Effect<ReadonlyArray<ForgottenRow>, StoreUnavailable> => {
    const found = new Map(events.flatMap((row) => (row.forgotten ? [[row.id, row] as const] : [])))
    return dryRun || found.size === 0 ? Effect.succeed([...found.values()]) : forget(account, before, [...found.keys()])
  }

  /** The past imports that no origin names. */
  const unnamedOf = Effect.fnUntraced(function* (account: AccountId, before: Instant) {
    const past = yield* statements.pastImports(account, before)
    const named = new Set(past.length === 0 ? [] : yield* statements.importsOfOrigins(account))
    return new Set(past.filter((number) => !named.has(number)))
  })

  const prune = Effect.fnUntraced(function* (account: AccountId, before: Instant, dryRun: boolean) {
    // Before the events: what an origin says may become an event meanwhile, and never the other way round.
    const unnamed = yield* unnamedOf(account, before)
    const pruned = { retired: 0, deleted: 0 }
    let after: EventPosition | undefined = START
    while (after !== undefined) {
      const events: ReadonlyArray<PrunedEventRow> = yield* statements.eventsBehind(account, before, after)
      const gone = yield* forgetAmong(account, before, events, dryRun)
      for (const { retired } of gone) pruned[retired ? "retired" : "deleted"]++
      const ids = new Set(gone.map(({ id }) => id))
      for (const event of events.filter(({ id }) => !ids.has(id))) unnamed.delete(event.import ?? 0n)
      const last = events.at(-1)
      after = last && (ids.has(last.id) ? { ...last, at: ABOVE_ALL } : last)
    }
    const imports = Arr.chunksOf(unnamed, EVENTS_PER_STEP)
    if (!dryRun) {
      yield* Effect.forEach(imports, (some) => write(account, statements.forgetImports(account, some)), {
        discard: true
      })
    }
    return { ...pruned, imports: unnamed.size }
  })

  return { accounts: statements.accounts, prune }
}
