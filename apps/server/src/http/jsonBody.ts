import type { IncomingMessage } from "node:http"
import { type BadMediaType, BadRequest, describeParseError, OverLimit, ServiceUnavailable } from "@backup-catalog/core"
import { Effect, Either, Schema } from "effect"
import type { BodyLimit } from "../limits/BodyLimit.ts"
import { askForBody, hasBody } from "../request/arrival.ts"
import { codingOf } from "../request/mediaType.ts"

const checkMediaType = codingOf({
  types: "application/json",
  otherType: "The request body must be JSON in UTF-8, with Content-Type: application/json.",
  codings: ["identity"],
  otherCoding: "The request body must not be compressed; leave Content-Encoding out."
})

const tooLarge = (max: number) =>
  new OverLimit({ message: `The request body must have at most ${max} bytes.`, details: `maximum ${max} bytes` })

const tooMany = new ServiceUnavailable({
  message: "The server holds as many request bodies as it can; try again in a few seconds.",
  retryAfter: 5
})

type Reading = OverLimit | ServiceUnavailable

// Node goes on reading what is left of the body, and throws it away, until the request's time is up.
const readBytes = (
  request: IncomingMessage,
  { max, hold, release }: typeof BodyLimit.Service
): Effect.Effect<Buffer, Reading> =>
  Effect.async((resume) => {
    if (Number(request.headers["content-length"] ?? 0) > max) return resume(tooLarge(max))
    const chunks: Array<Buffer> = []
    let length = 0
    const end = (result: Effect.Effect<Buffer, Reading>) => {
      request.off("data", onData).off("end", onEnd).off("close", onClose)
      for (const chunk of chunks) release(chunk.length)
      request.resume()
      resume(result)
    }
    const onData = (chunk: Buffer) => {
      length += chunk.length
      if (length > max) return end(tooLarge(max))
      if (!hold(chunk.length)) return end(tooMany)
      chunks.push(chunk)
    }
    const onEnd = () => end(Effect.succeed(Buffer.concat(chunks)))
    // The caller has hung up.
    const onClose = () => end(Effect.interrupt)
    request.on("data", onData).on("end", onEnd).on("close", onClose)
    askForBody(request)
  })

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const parse = (bytes: Buffer): Either.Either<unknown, BadRequest> =>
  Either.try(() => utf8.decode(bytes)).pipe(
    Either.mapLeft(() => new BadRequest({ message: "The request body must be UTF-8." })),
    Either.flatMap((text) =>
      Either.try({
        try: (): unknown => JSON.parse(text),
        catch: () => new BadRequest({ message: "The request body must be JSON, and this is not." })
      })
    )
  )

/**
 * The JSON value of a request's body: 415 when it is no JSON in UTF-8 by its headers, 413 above the limit, 503 while
 * too many others are read, 400 when it is missing or cannot be read.
 */
export const readJson = (
  request: IncomingMessage,
  limit: typeof BodyLimit.Service
): Effect.Effect<unknown, BadMediaType | Reading | BadRequest> =>
  hasBody(request)
    ? Effect.zipRight(checkMediaType(request), Effect.flatMap(readBytes(request, limit), parse))
    : new BadRequest({ message: "The request needs a body in JSON, and has none." })

/** What a body means by its schema; the `BadRequest` for one that has anything else names the member at fault. */
export const decodeBody = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownEither(schema, { onExcessProperty: "error" })
  return (body: unknown): Either.Either<A, BadRequest> =>
    Either.mapLeft(
      decode(body),
      (error) => new BadRequest({ message: `In the request body, ${describeParseError(error, "the whole")}.` })
    )
}
