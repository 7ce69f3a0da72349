import { Effect } from "effect"
import type { PostgresAddress, PostgresLimits } from "../postgres/PostgresLimits.ts"
import { CopyDiffers, StoreOccupied } from "./CopyRefused.ts"
import { differences, digestStore } from "./digestStore.ts"
import { inPostgres } from "./openPostgres.ts"
import { analyse, postgresRows, putRows, someRows } from "./postgresRows.ts"
import { sqliteRows } from "./sqliteRows.ts"

/**
 * Copies all of an SQLite store into an empty PostgreSQL store, reads it back, and compares; in one transaction, so all
 * of it is there or nothing. Gives what was copied.
 */
export const copyStore = (
  path: string,
  to: PostgresAddress,
  limits: PostgresLimits,
  onProgress: (rows: number) => Effect.Effect<void>
) =>
  Effect.gen(function* () {
    const from = yield* sqliteRows(path)
    return yield* inPostgres(to, limits, false, (transactions) =>
      Effect.gen(function* () {
        const occupied = yield* someRows(transactions)
        if (occupied._tag === "Some") {
          return yield* new StoreOccupied({ store: to.name, table: occupied.value.name })
        }
        let copied = 0
        const read = yield* digestStore(from, (table, rows) => {
          copied += rows.length
          return Effect.zipRight(putRows(transactions, to.name, table, rows), onProgress(copied))
        })
        const written = yield* digestStore(postgresRows(transactions))
        const different = differences(read, written)
        if (different.length > 0) {
          return yield* new CopyDiffers({ store: to.name, tables: different })
        }
        // Until it knows what is in its tables, PostgreSQL may walk through them.
        yield* analyse(transactions)
        return read
      })
    )
  }).pipe(Effect.scoped)
