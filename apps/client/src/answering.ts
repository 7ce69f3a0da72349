import {
  type CatalogError,
  ConnectionFailed,
  type Fault,
  faults,
  InstanceFault,
  parseFault,
  Unauthorized
} from "@backup-catalog/core"
import {
  HttpClient,
  type HttpClientError,
  type HttpClientRequest,
  HttpClientResponse,
  UrlParams
} from "@effect/platform"
import { Clock, Effect, Either, Option } from "effect"
import { Attempt, type AttemptState, presentable, requestIdOf, retryAfterOf, unexpected } from "./Attempt.ts"
import { Arrived, type Body, compact, emptyBody, jsonOf, textOf } from "./body.ts"
import { LEFT_OUT } from "./concealed.ts"
import { describeCause } from "./describeCause.ts"
import type { KeptAnswers } from "./KeptAnswers.ts"
import { parseRetryAfter } from "./retryAfter.ts"

type Response = HttpClientResponse.HttpClientResponse
type Headers = Response["headers"]

const json = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

// What each method is answered when it did what was asked.
const successes: Readonly<Record<string, ReadonlyArray<number>>> = {
  GET: [200],
  PUT: [200, 201],
  POST: [202],
  DELETE: [202]
}

const successesOf = ({ success }: AttemptState, method: string): ReadonlyArray<number> =>
  success === undefined ? (successes[method] ?? []) : [success]

/** What is at fault with an answer before its body was read, as the end of a sentence. */
const refuseHead = (
  { status, headers }: Response,
  method: string,
  attempt: AttemptState,
  maxBodyBytes: number
): string | undefined => {
  const good = successesOf(attempt, method)
  if (status === 304) return "whether something has changed was not asked"
  // A browser hides a redirect that it was told not to follow behind the status 0.
  if (status === 0 || (status >= 300 && status < 400)) {
    const target = Option.liftThrowable(() => new URL(headers.location ?? "", `${attempt.base}/`).origin)()
    const where = headers.location === undefined ? "" : ` to ${Option.getOrElse(target, () => "an invalid Location")}`
    return `redirects${where} are not followed, since the token is for the configured address alone`
  }
  if (status >= 200 && status < 300 && !good.includes(status)) {
    return `only ${good.join(" or ")} is an answer to ${method === "GET" ? "a read" : method}`
  }
  if (method === "DELETE" && good.includes(status)) return undefined
  const type = headers["content-type"]
  if (type === undefined || !json.test(type)) {
    const proxy = status === 413 ? ", such as a proxy in between that limits the size of bodies" : ""
    return `its Content-Type is ${type ?? "missing"} and must be application/json; something other than a catalog may have answered${proxy}`
  }
  return Number(headers["content-length"]) > maxBodyBytes
    ? `its body has ${headers["content-length"]} bytes and must have at most ${maxBodyBytes}`
    : undefined
}

const readBody = (attempt: AttemptState, maxBodyBytes: number) =>
  Effect.suspend(() => {
    const { body } = attempt
    if (body === null || body === undefined) return Effect.succeed(emptyBody())
    const arrived = new Arrived()
    return Effect.flatMap(
      Effect.tryPromise({
        try: (signal) => arrived.read(body, maxBodyBytes, signal),
        catch: (cause) =>
          new ConnectionFailed({
            message: `The answer of ${attempt.base} broke off after ${arrived.size} bytes: ${presentable(attempt, describeCause(cause))}.`,
            cause,
            ...requestIdOf(attempt)
          })
      }),
      () =>
        arrived.size > maxBodyBytes
          ? unexpected(attempt, `its body goes on after ${maxBodyBytes} bytes, which is the most that is read`)
          : Effect.succeed<Body>(arrived)
    )
  })

/** For how long the body of a 401 is waited for, which is short and only words, in milliseconds. */
const WORDS = 1_000

/** The same for a 401, which has said already what matters: nobody waits as long for its words as for an import. */
const readRefusal = (attempt: AttemptState, maxBodyBytes: number) =>
  Effect.timeoutFail(readBody(attempt, maxBodyBytes), {
    duration: WORDS,
    onTimeout: () => unexpected(attempt, `its body was not complete within ${WORDS} ms`)
  })

/** A fault whose texts may be shown. Only the parsed ones can be searched: JSON writes a text in more than one way. */
const presentableFault = (attempt: AttemptState, { code, message, details }: Fault, headers: Headers): CatalogError => {
  const allow = headers.allow?.split(",").map((method) => presentable(attempt, method.trim()))
  const Class = faults.find((one) => one.code === code) ?? InstanceFault
  const said = presentable(attempt, message)
  return new Class({
    message: said === LEFT_OUT ? `${attempt.base} answered ${code}: ${LEFT_OUT}.` : said,
    ...(details === undefined ? {} : { details: presentable(attempt, details) }),
    ...requestIdOf(attempt),
    ...retryAfterOf(attempt),
    ...(allow === undefined ? {} : { allow })
  })
}

const refusedToken = (attempt: AttemptState, details: string) =>
  new Unauthorized({
    message: `${attempt.base} answered 401: the token was refused.`,
    details: presentable(attempt, details),
    ...requestIdOf(attempt),
    ...retryAfterOf(attempt)
  })

/**
 * The error for an answer that is not the catalog's own, by what is at fault with it. A token that was refused (401) is
 * one whoever says so, as what verifies it for a Trove, or a proxy, does in words of its own. No other status says the
 * same of whoever sent it: the 404 of a proxy knows of no backup, and its 503 not whether anything was done.
 */
const foreignAnswer = (attempt: AttemptState, status: number, sentence: string): CatalogError =>
  status === 401
    ? refusedToken(attempt, `It was not the catalog itself that answered: ${sentence}.`)
    : unexpected(attempt, sentence)

/** The error of an attempt: where a 401 came, its status decides, whatever became of its body. */
export const orRefusedToken = (attempt: AttemptState, error: CatalogError): CatalogError =>
  attempt.answer?.status !== 401 || error._tag === "Unauthorized"
    ? error
    : refusedToken(attempt, `What it says of that was not read: ${error.message}`)

const faultOf = (attempt: AttemptState, { status, headers }: Response, body: Body): CatalogError => {
  const envelope = jsonOf(body)
  const fault = parseFault(Either.getOrUndefined(envelope))
  if (fault?.code === status) return presentableFault(attempt, fault, headers)
  const sentence = Either.isLeft(envelope)
    ? envelope.left
    : fault === undefined
      ? "its body is not a fault of the catalog"
      : `its body is the fault ${fault.fault} of the status ${fault.code}`
  return foreignAnswer(attempt, status, sentence)
}

/**
 * The response that a whole answer becomes, or what is wrong with it, as the end of a sentence: for an attempt that has
 * its body already, or of a text that is still to be read.
 */
export type Whole = (
  request: HttpClientRequest.HttpClientRequest,
  answer: { readonly response: Response; readonly status: number; readonly body: Body }
) => Either.Either<Response, string>

/** A response whose text can be read, as the framework does. */
export const readable: Whole = (request, { status, body }) =>
  Either.map(textOf(body), (text) =>
    HttpClientResponse.fromWeb(request, new globalThis.Response(text === "" ? null : text, { status }))
  )

/** The response as it came, its body being with the attempt. */
export const consumed: Whole = (_, { response }) => Either.right(response)

const headOf = (attempt: AttemptState, { status, headers }: Response, now: number) => {
  const requestId = headers["x-request-id"]
  return {
    status,
    requestId: requestId === undefined ? undefined : presentable(attempt, requestId),
    retryAfter: parseRetryAfter(headers["retry-after"], now)
  }
}

/** What a request asks for, as a key. */
export const questionOf = ({ url, urlParams }: HttpClientRequest.HttpClientRequest): string =>
  `${url}?${UrlParams.toString(urlParams)}`

const keep = (
  kept: KeptAnswers | undefined,
  request: HttpClientRequest.HttpClientRequest,
  { headers }: Response,
  body: Body
): void => {
  if (request.method === "GET" && headers.etag !== undefined) {
    kept?.keep(questionOf(request), { tag: headers.etag, body: compact(body) })
  }
}

/**
 * The client whose answers are whole, bounded successes; every other answer is a fault or an
 * `UnexpectedAnswer`, and what broke off a `ConnectionFailed`. The connection is let go with the scope, however the
 * request ended.
 */
export const answering =
  (maxBodyBytes: number, kept: KeptAnswers | undefined, toResponse: Whole) =>
  (client: HttpClient.HttpClient.With<HttpClientError.HttpClientError | CatalogError, Attempt>) =>
    HttpClient.transform(HttpClient.withScope(client), (sent, request) =>
      Effect.gen(function* () {
        const attempt = yield* Attempt
        const response = yield* sent
        const { status } = response
        const head = headOf(attempt, response, yield* Clock.currentTimeMillis)
        attempt.answer = head
        const whole = (status: number, body: Body) => {
          attempt.answer = { ...head, body }
          return Either.mapLeft(toResponse(request, { response, status, body }), (sentence) =>
            unexpected(attempt, sentence)
          )
        }
        if (status === 304 && attempt.known !== undefined) {
          const { pieces, size } = attempt.known.body
          return yield* whole(200, { pieces: [...pieces], size })
        }
        const refusal = refuseHead(response, request.method, attempt, maxBodyBytes)
        if (refusal !== undefined) return yield* Effect.fail(foreignAnswer(attempt, status, refusal))
        const body = yield* (status === 401 ? readRefusal : readBody)(attempt, maxBodyBytes)
        if (!successesOf(attempt, request.method).includes(status))
          return yield* Effect.fail(faultOf(attempt, response, body))
        keep(kept, request, response, body)
        return yield* whole(status, body)
      })
    )
