import type { AccountId, Instant } from "@backup-catalog/core"
import type { Role } from "@backup-catalog/core/http"
import type { StoreUnavailable } from "@backup-catalog/core/store"
import { Context, type Effect } from "effect"

/** What is kept of a token: everything but the token itself. */
export interface TokenRecord {
  /** The SHA-256 of the token, 32 bytes. */
  readonly hash: Buffer
  readonly account: AccountId
  readonly role: Role
  readonly created: Instant
  /** When it stops being good; undefined for never. */
  readonly expires: Instant | undefined
}

/** Where tokens are kept, by their hashes. */
export class Tokens extends Context.Tag("@backup-catalog/server/Tokens")<
  Tokens,
  {
    readonly find: (hash: Buffer) => Effect.Effect<TokenRecord | undefined, StoreUnavailable>
    readonly list: Effect.Effect<ReadonlyArray<TokenRecord>, StoreUnavailable>
    /** Adds a token, or replaces what is known of it. */
    readonly put: (record: TokenRecord) => Effect.Effect<void, StoreUnavailable>
    /** Removes a token; false when there was none. */
    readonly remove: (hash: Buffer) => Effect.Effect<boolean, StoreUnavailable>
  }
>() {}
