import type { AccountId } from "@backup-catalog/core"
import { FiberRef } from "effect"

/**
 * The version that the account of a token had when the token was looked up for the request that this fiber answers:
 * whoever needs the version for that request need not ask for it again. Undefined where no token was looked up.
 */
export const checkedVersion = FiberRef.unsafeMake<
  { readonly account: AccountId; readonly version: bigint } | undefined
>(undefined)
