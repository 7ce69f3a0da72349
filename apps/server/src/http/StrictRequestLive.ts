import type { IncomingMessage } from "node:http"
import { BadRequest, PreconditionFailed } from "@backup-catalog/core"
import { StrictRequest } from "@backup-catalog/core/http"
import { HttpRouter, HttpServerRequest } from "@effect/platform"
import { Effect, Layer } from "effect"
import { askForBody, namesBody } from "../request/arrival.ts"
import { searchOf } from "../request/requestTarget.ts"
import { incoming } from "./Answer.ts"
import { accountOperations } from "./accountOperations.ts"
import { operationOf } from "./operations.ts"

const unwanted = new BadRequest({ message: "This operation takes no request body; send none." })

// Not the framework's stream: ending that one early would cut the connection before the answer is out.
const hasChunk = (request: IncomingMessage): Effect.Effect<boolean> =>
  Effect.async((resume) => {
    request.once("data", () => resume(Effect.succeed(true)))
    request.once("close", () => resume(Effect.succeed(false)))
    request.once("end", () => resume(Effect.succeed(false)))
    askForBody(request)
  })

const checkNoBody = (request: IncomingMessage): Effect.Effect<void, BadRequest> => {
  if (namesBody(request)) return unwanted
  if (request.headers["transfer-encoding"] === undefined) return Effect.void
  return Effect.flatMap(hasChunk(request), (has) => (has ? unwanted : Effect.void))
}

// Ignored, what it was to spare would be written all the same.
const checkConditions = ({ method, headers }: IncomingMessage): Effect.Effect<void, PreconditionFailed> => {
  if (method === "GET" || method === "HEAD") return Effect.void
  const header = ["If-Match", "If-None-Match"].find((name) => headers[name.toLowerCase()] !== undefined)
  return header === undefined
    ? Effect.void
    : new PreconditionFailed({ message: `This operation cannot be made to depend on ${header}; leave the header out.` })
}

/**
 * Refuses query parameters that the operation does not have, conditions that it does not look at, and a body where none
 * belongs.
 */
export const StrictRequestLive = Layer.succeed(
  StrictRequest,
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { route } = yield* HttpRouter.RouteContext
    const { params, takesBody, takesConditions } = accountOperations[operationOf(route)]
    yield* params(searchOf(request.originalUrl))
    if (!takesConditions) yield* checkConditions(incoming(request))
    // What an operation makes of its body is its own matter.
    if (!takesBody) yield* checkNoBody(incoming(request))
  })
)
