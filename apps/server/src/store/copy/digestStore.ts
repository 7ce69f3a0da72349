import { Effect } from "effect"
import { type CopyRefused, RowsFaulty } from "./CopyRefused.ts"
import { Digest } from "./Digest.ts"
import { makeRowFault } from "./rowFaults.ts"
import type { StoreRows } from "./StoreRows.ts"
import { type Row, type Table, tables } from "./tables.ts"

/** What each table of a store holds. */
export type Digests = ReadonlyMap<string, Digest>

/** The most rows that are named; all are counted. */
const MOST_NAMED = 20

/**
 * Reads all of a store, sees that its rows are good, and gives what there is; `also` takes them as long as they are.
 */
export const digestStore = Effect.fnUntraced(function* (
  store: StoreRows,
  also: (table: Table, rows: ReadonlyArray<Row>) => Effect.Effect<void, CopyRefused> = () => Effect.void
) {
  const digests = new Map<string, Digest>()
  const faultOf = makeRowFault()
  const named: Array<string> = []
  let faults = 0
  for (const table of tables) {
    const digest = new Digest()
    const faultOfRow = faultOf(table)
    digests.set(table.name, digest)
    yield* store.each(table, (rows) => {
      for (const row of rows) {
        const kept = store.toKept(row)
        digest.add(kept)
        const fault = faultOfRow(kept)
        if (fault === undefined) continue
        faults++
        if (named.length < MOST_NAMED) named.push(fault)
      }
      // A transaction of PostgreSQL is not broken off within a statement, so whoever stops it is heard between two.
      return Effect.zipRight(Effect.allowInterrupt, faults === 0 ? also(table, rows) : Effect.void)
    })
  }
  if (faults > 0) return yield* new RowsFaulty({ faults: named, more: faults - named.length })
  return digests as Digests
})

/** The tables in which two stores differ. */
export const differences = (one: Digests, other: Digests): ReadonlyArray<string> =>
  tables.flatMap(({ name }) => {
    const [a, b] = [one.get(name), other.get(name)]
    return a !== undefined && b !== undefined && a.equals(b) ? [] : [name]
  })
