import { Effect } from "effect"
import { OverLimit } from "../Fault.ts"

/** How long a page is when the caller does not say, and how long it may be. */
export interface PageLimits {
  readonly pageSize: number
  readonly maxPageSize: number
}

/** How long a page is to be; `OverLimit` when the caller asks for more than there may be. */
export const limitOf = (
  { pageSize, maxPageSize }: PageLimits,
  { limit = pageSize }: { readonly limit?: number }
): Effect.Effect<number, OverLimit> =>
  limit <= maxPageSize
    ? Effect.succeed(limit)
    : new OverLimit({
        message: `The query parameter limit must be at most ${maxPageSize}; ask for further pages instead.`,
        details: `maximum ${maxPageSize}`
      })
