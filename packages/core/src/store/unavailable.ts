import { Effect } from "effect"
import { ServiceUnavailable } from "../Fault.ts"
import type { StoreUnavailable } from "./BackupStore.ts"

const unavailableWith =
  (what: string) =>
  (error: StoreUnavailable): Effect.Effect<never, ServiceUnavailable> =>
    Effect.logError("the store does not answer", error.cause).pipe(
      Effect.zipRight(
        new ServiceUnavailable({
          message: `The backup store does not answer; ${what} in a few seconds. The server's log says why.`,
          retryAfter: 5
        })
      )
    )

/**
 * What a caller is told when the store does not answer; why goes to the log. A write may have come to be all the same:
 * a connection can be lost behind the last step of it.
 */
export const unavailable = unavailableWith("try again")

/** The same of something that is done step by step. */
export const unavailableMidway = unavailableWith("what was done until then stays. Import again")
