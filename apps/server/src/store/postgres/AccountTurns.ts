import type { AccountId } from "@backup-catalog/core"
import { StoreUnavailable } from "@backup-catalog/core/store"
import { Context, Effect, Layer } from "effect"
import { Turn } from "../Turn.ts"
import { PostgresPool } from "./PostgresPool.ts"

/**
 * Whose turn it is to write to an account, among the writes of this process: those that would only wait in PostgreSQL
 * for the account's row take no connection from the others meanwhile.
 */
export class AccountTurns extends Context.Tag("@backup-catalog/server/AccountTurns")<
  AccountTurns,
  {
    /**
     * Runs a write when it is its turn, in the order in which turns are asked for; fails at once where too many wait,
     * and for who has waited for longer than a statement may take.
     */
    readonly take: <A, E, R>(
      account: AccountId,
      write: Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | StoreUnavailable, R>
    /** Whether somebody waits while another one has the turn of an account. */
    readonly isAwaited: (account: AccountId) => boolean
  }
>() {
  static readonly layer: Layer.Layer<AccountTurns, never, PostgresPool> = Layer.effect(
    AccountTurns,
    Effect.map(PostgresPool, ({ limits }) => {
      const accounts = new Map<AccountId, Turn>()
      const turnOf = (account: AccountId): Turn => {
        const known = accounts.get(account)
        if (known !== undefined) return known
        const turn = new Turn()
        accounts.set(account, turn)
        return turn
      }
      const isAwaited = (account: AccountId) => accounts.get(account)?.isAwaited ?? false
      const take = <A, E, R>(account: AccountId, write: Effect.Effect<A, E, R>) =>
        Effect.suspend((): Effect.Effect<A, E | StoreUnavailable, R> => {
          const turn = turnOf(account)
          if (turn.users > limits.queue) {
            return new StoreUnavailable({ cause: new Error(`${limits.queue} writes wait for the account ${account}`) })
          }
          const asked = Date.now()
          return Effect.ensuring(
            turn.take(
              Effect.suspend(
                (): Effect.Effect<A, E | StoreUnavailable, R> =>
                  Date.now() - asked <= limits.timeout
                    ? write
                    : new StoreUnavailable({ cause: new Error(`a write waited too long for the account ${account}`) })
              )
            ),
            Effect.sync(() => {
              if (turn.users === 0) accounts.delete(account)
            })
          )
        })
      return { take, isAwaited }
    })
  )
}
