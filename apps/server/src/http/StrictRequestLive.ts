import type { IncomingMessage } from "node:http"
import { BadRequest } from "@backup-catalog/core"
import { StrictRequest } from "@backup-catalog/core/http"
import { HttpRouter, HttpServerRequest } from "@effect/platform"
import { Effect, Layer } from "effect"
import { incoming } from "./Answer.ts"
import { accountOperations } from "./accountOperations.ts"
import { hasLength } from "./arrival.ts"
import { operationOf } from "./operations.ts"
import { searchOf } from "./requestTarget.ts"

const unwanted = new BadRequest({ message: "This operation takes no request body; send none." })

// Not the framework's stream: ending that one early would cut the connection before the answer is out.
const hasChunk = (request: IncomingMessage): Effect.Effect<boolean> =>
  Effect.async((resume) => {
    request.once("data", () => resume(Effect.succeed(true)))
    request.once("close", () => resume(Effect.succeed(false)))
    request.once("end", () => resume(Effect.succeed(false)))
  })

const checkNoBody = (request: IncomingMessage): Effect.Effect<void, BadRequest> => {
  if (hasLength(request)) return unwanted
  if (request.headers["transfer-encoding"] === undefined) return Effect.void
  return Effect.flatMap(hasChunk(request), (has) => (has ? unwanted : Effect.void))
}

/** Refuses query parameters that the operation does not have, and a body where none belongs. */
export const StrictRequestLive = Layer.succeed(
  StrictRequest,
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { route } = yield* HttpRouter.RouteContext
    const { params, takesBody } = accountOperations[operationOf(route)]
    yield* params(searchOf(request.originalUrl))
    // What an operation makes of its body is its own matter.
    if (!takesBody) yield* checkNoBody(incoming(request))
  })
)
