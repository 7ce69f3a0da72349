import type { Overtaken, RunningImport, StoreUnavailable } from "@backup-catalog/core/store"
import { Effect, FiberRef } from "effect"
import type { Step } from "../backupWrites.ts"
import type { ChangedChildren } from "./ChangedChildren.ts"
import type { ImportStatements } from "./ImportStatements.ts"
import type { ImportRow } from "./importRows.ts"

/** A source, as an import that runs has it. */
export interface Hold {
  readonly source: bigint
  readonly row: ImportRow
  /**
   * Of a dry run: what would have another parent, which changes how many orphans there are, and what would only look
   * different.
   */
  readonly moved: ChangedChildren
  readonly renamed: ChangedChildren
}

/** How many backups an import has added and changed, and how many were as it brought them. */
type ImportCounts = Readonly<Record<"created" | "updated" | "unchanged", number>>

/** The sources that imports of this process hold, and how they do steps while they hold them. */
export interface Holds {
  readonly add: (id: string, hold: Hold) => void
  readonly of: (running: RunningImport) => Hold
  readonly drop: (running: RunningImport) => void
  /** Runs a step while the import holds its source; a dry run has nothing to hold. */
  readonly step: <A>(
    running: RunningImport,
    name: string,
    body: (hold: Hold) => Step<A>
  ) => Effect.Effect<A | Overtaken, StoreUnavailable>
  /** Runs steps in one transaction, of which each part need not look who holds the source, and count, by itself. */
  readonly together: <A, E>(
    running: RunningImport,
    steps: Effect.Effect<A, E>
  ) => Effect.Effect<A, E | StoreUnavailable>
  /** Counts what a step has done: at once, or at the end of the steps that it is run together with. */
  readonly count: (running: RunningImport, counts: ImportCounts) => Step<void>
}

/** What steps in one transaction have in common: whether the import holds its source, and what they have done. */
interface Common {
  readonly isHeld: boolean
  counts: ImportCounts
}

const nothingCounted: ImportCounts = { created: 0, updated: 0, unchanged: 0 }

const sumOf = (a: ImportCounts, b: ImportCounts): ImportCounts => ({
  created: a.created + b.created,
  updated: a.updated + b.updated,
  unchanged: a.unchanged + b.unchanged
})

const overtaken: Overtaken = { kind: "overtaken" }

/** The holds of the imports into a store, none as yet. */
export const makeHolds = <Given>(statements: ImportStatements<Given>): Holds => {
  const holds = new Map<string, Hold>()
  const shared = FiberRef.unsafeMake<Common | undefined>(undefined)

  const holdOf = (running: RunningImport): Hold => {
    const hold = holds.get(running.id)
    if (hold === undefined) throw new Error("an import was used that never began, or has ended")
    return hold
  }

  const hear = (running: RunningImport, { source }: Hold) => statements.hear(running.account, source, running.number)

  const step: Holds["step"] = <A>(running: RunningImport, name: string, body: (hold: Hold) => Step<A>) =>
    Effect.flatMap(FiberRef.get(shared), (within) => {
      const hold = holdOf(running)
      if (running.dryRun) return statements.look(running.account, running.number, body(hold))
      return statements.transaction(
        name,
        running.account,
        Effect.if(within === undefined ? hear(running, hold) : Effect.succeed(within.isHeld), {
          onTrue: (): Step<A | Overtaken> => body(hold),
          onFalse: () => Effect.succeed(overtaken)
        })
      )
    })

  const tally = Effect.fnUntraced(function* ({ account, number }: RunningImport, counts: ImportCounts) {
    if (counts.created > 0) yield* statements.raiseVersion(account)
    yield* statements.count(account, number, counts)
  })

  const count: Holds["count"] = (running, counts) =>
    Effect.flatMap(FiberRef.get(shared), (within) =>
      within === undefined
        ? tally(running, counts)
        : Effect.sync(() => {
            within.counts = sumOf(within.counts, counts)
          })
    )

  const together: Holds["together"] = (running, steps) => {
    const whole = Effect.gen(function* () {
      const within = { isHeld: yield* hear(running, holdOf(running)), counts: nothingCounted }
      const result = yield* Effect.locally(steps, shared, within)
      if (!within.isHeld) return result
      yield* tally(running, within.counts)
      // It may have taken most of a lease.
      yield* hear(running, holdOf(running))
      return result
    })
    return running.dryRun ? steps : statements.together("import", running.account, whole)
  }

  return {
    add: (id, hold) => holds.set(id, hold),
    of: holdOf,
    drop: ({ id }) => holds.delete(id),
    step,
    together,
    count
  }
}
