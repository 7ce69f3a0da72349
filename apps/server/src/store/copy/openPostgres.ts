import type { StoreUnavailable } from "@backup-catalog/core/store"
import { Effect } from "effect"
import * as Postgres from "../postgres/Postgres.ts"
import type { PostgresAddress, PostgresLimits } from "../postgres/PostgresLimits.ts"
import { makeTransactions, type Transactions } from "../postgres/transactions.ts"
import type { StoreRefused } from "../StoreRefused.ts"
import { type CopyRefused, PostgresGaveUp } from "./CopyRefused.ts"

const unavailable = ({ reason }: StoreUnavailable) => new PostgresGaveUp({ reason })

/**
 * Works on a PostgreSQL store, as it is at one moment, in one transaction; what it wrote stays if it succeeds. One that
 * must exist is only read, so it may be a standby.
 */
export const inPostgres = <A>(
  address: PostgresAddress,
  limits: PostgresLimits,
  mustExist: boolean,
  work: (transactions: Transactions) => Effect.Effect<A, CopyRefused>
): Effect.Effect<A, CopyRefused | StoreRefused> =>
  Effect.flatMap(makeTransactions, (transactions) =>
    transactions
      .inOne(
        Effect.zipRight(transactions.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", []), work(transactions))
      )
      .pipe(Effect.catchTag("StoreUnavailable", unavailable))
  ).pipe(Effect.provide(Postgres.layer(address, limits, mustExist, mustExist)))
