import { BadRequest, type Fault, InstanceFault, ItemNotFound, isFault, ServiceUnavailable } from "@backup-catalog/core"
import { HttpApiError } from "@effect/platform"
import { Cause, Effect, Option } from "effect"

const ofFailure = (failure: unknown): Fault | undefined => {
  if (isFault(failure)) return failure
  if (!(failure instanceof HttpApiError.HttpApiDecodeError)) return undefined
  const [issue] = failure.issues
  // The query was read before the router's own decoding: what is left to fail here is the path.
  const member = issue?.path[0]
  if (member === "backupId") return new ItemNotFound({ message: "The account has no backup with this id." })
  return member === "instanceId"
    ? new ItemNotFound({ message: "The account has no backup of an instance with this id." })
    : new BadRequest({ message: `The request is not valid: ${issue?.message ?? "it cannot be read"}.` })
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
