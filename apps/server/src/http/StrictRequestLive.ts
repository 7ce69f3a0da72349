import type { IncomingMessage } from "node:http"
import { BadRequest } from "@backup-catalog/core"
import { parseListParams, parseSearchParams, StrictRequest } from "@backup-catalog/core/http"
import { HttpRouter, HttpServerRequest } from "@effect/platform"
import { NodeHttpServerRequest } from "@effect/platform-node"
import { Effect, type Either, Layer } from "effect"
import { searchOf } from "./requestTarget.ts"

const none = { names: new Set<string>(), repeatable: new Set<string>() }

const checkSearch = (path: string, search: string): Either.Either<unknown, BadRequest> =>
  path === "/v1.0/:accountId/backups" ? parseListParams(search) : parseSearchParams(search, none)

const unwanted = new BadRequest({ message: "This operation takes no request body; send none." })

// Not the framework's stream: ending that one early would cut the connection before the answer is out.
const hasChunk = (request: IncomingMessage): Effect.Effect<boolean> =>
  Effect.async((resume) => {
    request.once("data", () => resume(Effect.succeed(true)))
    request.once("close", () => resume(Effect.succeed(false)))
    request.once("end", () => resume(Effect.succeed(false)))
  })

const checkBody = (request: IncomingMessage): Effect.Effect<void, BadRequest> => {
  if ((request.headers["content-length"] ?? "0") !== "0") return unwanted
  if (request.headers["transfer-encoding"] === undefined) return Effect.void
  return Effect.flatMap(hasChunk(request), (has) => (has ? unwanted : Effect.void))
}

/** Refuses query parameters that the operation does not have, and a body: no operation takes one so far. */
export const StrictRequestLive = Layer.succeed(
  StrictRequest,
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { route } = yield* HttpRouter.RouteContext
    yield* checkSearch(route.path, searchOf(request.originalUrl))
    yield* checkBody(NodeHttpServerRequest.toIncomingMessage(request))
  })
)
