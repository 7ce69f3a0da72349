import { AccountId, type Instant } from "@backup-catalog/core"
import { Role } from "@backup-catalog/core/http"
import { Effect, Schema } from "effect"
import type { TokenRecord } from "./Tokens.ts"

/** What a token is read from; integers as bigints. */
export interface TokenRow {
  readonly hash: Buffer
  readonly account: string
  readonly role: string
  readonly created: bigint
  readonly expires: bigint | null
}

const isAccount = Schema.is(AccountId)
const isRole = Schema.is(Role)

/** The token of a row. One that cannot be read is a defect. */
export const toTokenRecord = ({ hash, account, role, created, expires }: TokenRow): Effect.Effect<TokenRecord> =>
  isAccount(account) && isRole(role)
    ? Effect.succeed({
        hash,
        account,
        role,
        created: created as Instant,
        expires: expires === null ? undefined : (expires as Instant)
      })
    : Effect.dieMessage("a token in the store has an account or a role that cannot be")
