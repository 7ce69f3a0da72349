import type { StoreUnavailable } from "@backup-catalog/core"
import { Effect } from "effect"
import { CommandError } from "../../CommandError.ts"
import * as Postgres from "../postgres/Postgres.ts"
import type { PostgresAddress, PostgresLimits } from "../postgres/PostgresLimits.ts"
import { makeTransactions, type Transactions } from "../postgres/transactions.ts"

const unavailable = ({ reason }: StoreUnavailable) =>
  new CommandError({ exitCode: 1, message: `PostgreSQL gave up: ${reason}.` })

/** Works on a PostgreSQL store, as it is at one moment, in one transaction; what it wrote stays if it succeeds. */
export const inPostgres = <A>(
  address: PostgresAddress,
  limits: PostgresLimits,
  mustExist: boolean,
  work: (transactions: Transactions) => Effect.Effect<A, CommandError>
): Effect.Effect<A, CommandError> =>
  Effect.flatMap(makeTransactions, (transactions) =>
    transactions
      .inOne(
        Effect.zipRight(transactions.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", []), work(transactions))
      )
      .pipe(Effect.catchTag("StoreUnavailable", unavailable))
  ).pipe(Effect.provide(Postgres.layer(address, limits, mustExist)))
