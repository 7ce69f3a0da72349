import { Effect } from "effect"
import type { StoreUnavailable } from "./BackupStore.ts"
import { ServiceUnavailable } from "./Fault.ts"

/** What a caller is told when the store does not answer; why goes to the log. */
export const unavailable = (error: StoreUnavailable): Effect.Effect<never, ServiceUnavailable> =>
  Effect.logError("the store does not answer", error.cause).pipe(
    Effect.zipRight(
      new ServiceUnavailable({
        message: "The backup store does not answer; nothing was changed. Try again in a few seconds.",
        retryAfter: 5
      })
    )
  )
