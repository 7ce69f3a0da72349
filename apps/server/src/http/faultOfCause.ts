import { BadRequest, type Fault, InstanceFault, ItemNotFound, isFault, ServiceUnavailable } from "@backup-catalog/core"
import { HttpApiError } from "@effect/platform"
import { Cause, Effect, Option } from "effect"

/** What the ids in paths are of. */
const items: ReadonlyMap<string, string> = new Map([
  ["backupId", "backup"],
  ["instanceId", "backup of an instance"],
  ["importId", "import"]
])

const ofFailure = (failure: unknown): Fault | undefined => {
  if (isFault(failure)) return failure
  if (!(failure instanceof HttpApiError.HttpApiDecodeError)) return undefined
  const [issue] = failure.issues
  // The query was read before the router's own decoding: what is left to fail here is the path.
  const item = items.get(String(issue?.path[0]))
  const problem = issue?.message ?? "cannot be read"
  return item === undefined
    ? new BadRequest({ message: `The request is not valid: ${problem}.` })
    : new ItemNotFound({ message: `The account can have no ${item} with this id, which ${problem}.` })
}

/**
 * The fault that a failed request is answered with. What nobody foresaw is a defect of ours: the caller gets the
 * request id, the log gets the cause.
 */
export const faultOfCause = (cause: Cause.Cause<unknown>, requestId: string): Effect.Effect<Fault> => {
  const fault = Option.getOrUndefined(Option.map(Cause.failureOption(cause), ofFailure))
  if (fault !== undefined) return Effect.succeed(fault)
  // The caller has hung up: nobody is left to read the answer, and nothing is wrong.
  if (Cause.isInterruptedOnly(cause)) {
    return Effect.succeed(new ServiceUnavailable({ message: "The request was given up.", retryAfter: 1 }))
  }
  return Effect.as(
    Effect.annotateLogs(Effect.logError("a request failed by a defect", cause), { requestId }),
    new InstanceFault({
      message: `The server made a mistake, which is in its log as ${requestId}. The request may be tried again.`
    })
  )
}
