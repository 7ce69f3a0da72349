import {
  BadRequest,
  type CatalogError,
  ConnectionFailed,
  describeParseError,
  type Marker,
  TimedOut,
  Unauthorized,
  type UnexpectedAnswer
} from "@backup-catalog/core"
import { type Link, TOKEN_HEADER } from "@backup-catalog/core/http"
import {
  FetchHttpClient,
  Headers,
  type HttpApiError,
  HttpClient,
  type HttpClientError,
  HttpClientRequest
} from "@effect/platform"
import { Duration, Effect, Either, Option, type ParseResult, Redacted, type Scope } from "effect"
import { type Answer, Attempt, type AttemptState, presentable, requestIdOf, unexpected } from "./Attempt.ts"
import { answering, consumed, orRefusedToken, questionOf, readable, type Whole } from "./answering.ts"
import { type Body, emptyBody, jsonOf, letGo } from "./body.ts"
import type { makeCatalogApi } from "./catalogApi.ts"
import { describeCause } from "./describeCause.ts"
import type { Settings } from "./HttpCatalogOptions.ts"
import { type KeptAnswers, makeKeptAnswers } from "./KeptAnswers.ts"
import { nextMarker } from "./nextMarker.ts"
import { retrying, saysNothingDone } from "./retrying.ts"
import { tracing } from "./tracing.ts"

const authorized = (settings: Settings) =>
  HttpClient.mapRequestEffect((request: HttpClientRequest.HttpClientRequest) =>
    Effect.gen(function* () {
      const attempt = yield* Attempt
      const token = Redacted.value(yield* settings.token)
      attempt.token = token
      return HttpClientRequest.setHeaders(request, { accept: "application/json", [TOKEN_HEADER]: token })
    })
  )

// A question that was answered before asks whether that answer still holds.
const asking = (kept: KeptAnswers | undefined) =>
  HttpClient.mapRequestEffect((request: HttpClientRequest.HttpClientRequest) =>
    Effect.map(Attempt, (attempt) => {
      const known = request.method === "GET" ? kept?.find(questionOf(request)) : undefined
      if (known === undefined) return request
      attempt.known = known
      return HttpClientRequest.setHeader(request, "If-None-Match", known.tag)
    })
  )

const makeHttpClients = (settings: Settings) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const kept = settings.keepBytes === 0 ? undefined : makeKeptAnswers(settings.keepBytes)
    return (whole: Whole) =>
      client.pipe(
        // Trace headers would tell a foreign server of the caller's traces, and make a browser ask for permission
        // first: who wants that says so.
        HttpClient.withTracerPropagation(false),
        tracing(settings),
        authorized(settings),
        answering(settings.maxBodyBytes, kept, whole),
        HttpClient.mapRequest(HttpClientRequest.prependUrl(settings.base)),
        asking(kept)
      )
  }).pipe(Effect.provide(FetchHttpClient.layer))

const unanswered: Answer = { status: 0, requestId: undefined, retryAfter: undefined }

const fromParseError =
  (attempt: AttemptState) =>
  (error: ParseResult.ParseError): CatalogError => {
    const body = attempt.answer?.body
    // Without an answer it was the arguments that could not be encoded.
    if (body === undefined) return new BadRequest({ message: `Nothing was asked: ${describeParseError(error, "it")}.` })
    const json = jsonOf(body)
    return unexpected(attempt, Either.isRight(json) ? describeParseError(error, "its body") : json.left)
  }

const fromClientError =
  (attempt: AttemptState) =>
  ({ cause }: HttpClientError.HttpClientError): CatalogError =>
    new ConnectionFailed({
      message: `${attempt.base} cannot be reached: ${presentable(attempt, describeCause(cause))}.`,
      cause
    })

/** The error of an attempt that had so much time, by how far it came. */
export const timedOut = (attempt: AttemptState, timeout: Duration.Duration): TimedOut =>
  new TimedOut({
    message:
      attempt.token === undefined
        ? `Nothing was asked: the token did not come within ${Duration.format(timeout)}.`
        : attempt.answer === undefined
          ? `${attempt.base} did not answer within ${Duration.format(timeout)}.`
          : `The answer of ${attempt.base} was not complete within ${Duration.format(timeout)}.`,
    ...requestIdOf(attempt)
  })

/** Whether this is the service worker of a page, where the standard has every `import()` fail. */
const isServiceWorker = (): boolean => {
  const Scope: unknown = Reflect.get(globalThis, "ServiceWorkerGlobalScope")
  return typeof Scope === "function" && globalThis instanceof Scope
}

const giveBack = (invalidate: NonNullable<Settings["invalidate"]>, token: string, timeout: Duration.Duration) =>
  Effect.tryPromise({
    try: async () => invalidate(Redacted.make(token)),
    catch: (error) =>
      new Unauthorized({
        message: "The catalog refused the token, and the function that is to replace it failed.",
        details: error instanceof Error ? error.message : String(error)
      })
  }).pipe(
    Effect.timeoutFail({
      duration: timeout,
      onTimeout: () =>
        new TimedOut({
          message: `The catalog refused the token, and it was not replaced within ${Duration.format(timeout)}.`
        })
    })
  )

type CatalogOperations = Effect.Effect.Success<ReturnType<typeof makeCatalogApi>>

type AskError =
  | CatalogError
  | HttpClientError.HttpClientError
  | HttpApiError.HttpApiDecodeError
  | ParseResult.ParseError

/** One attempt at a request, before its errors are those of the catalog. */
export type Asked<A> = Effect.Effect<A, AskError, Attempt | Scope.Scope>

/** How an attempt differs from a read. */
export interface AttemptOptions {
  /** Ends an attempt that takes too long. Default: the `timeout` of the settings. */
  readonly bounded?: (attempt: AttemptState) => <A, R>(ask: Effect.Effect<A, CatalogError, R>) => typeof ask
  /** Whether the request can be sent once more, with another token. Default: it can. */
  readonly repeatable?: () => boolean
  /** The status of a success, where it is not the one that its method has elsewhere. */
  readonly success?: number
  /** What is called instead of the `fetch` of the settings. */
  readonly fetch?: typeof globalThis.fetch
  /**
   * Whether it needs no operation of the contract, which would have to be there before the time of the attempt begins.
   */
  readonly bare?: boolean
}

/** A way to a catalog: attempts at its operations, and what is made of their answers. */
export const makeConnection = Effect.fnUntraced(function* (settings: Settings) {
  const httpClient = yield* makeHttpClients(settings)
  const { timeout, invalidate } = settings
  const loadApi = async (): Promise<CatalogOperations> => {
    const { makeCatalogApi } = await import("./catalogApi.ts")
    return Effect.runSync(makeCatalogApi(httpClient(readable)))
  }
  let loading: Promise<CatalogOperations> | undefined
  // Most programs only list, and the operations of the whole contract take longer to load than all else. One promise
  // for all who wait for it: one of them may give up.
  const api = Effect.tryPromise({
    try: () => {
      loading ??= loadApi().catch((cause) => {
        loading = undefined
        throw cause
      })
      return loading
    },
    catch: (cause) =>
      isServiceWorker()
        ? new BadRequest({
            message:
              "Nothing was asked: a service worker loads no part of this client later; have the bundler make one file of it."
          })
        : new ConnectionFailed({
            message: `Nothing was asked: a part of this client cannot be loaded: ${describeCause(cause)}.`,
            cause
          })
  }).pipe(
    Effect.timeoutFail({
      duration: timeout,
      onTimeout: () =>
        new TimedOut({
          message: `Nothing was asked: a part of this client did not load within ${Duration.format(timeout)}.`
        })
    })
  )
  const client = httpClient(consumed)

  const attempting = <A>(
    ask: Asked<A>,
    options: AttemptOptions = {},
    renewed = false
  ): Effect.Effect<A, CatalogError> =>
    Effect.suspend(() => {
      const attempt: AttemptState = {
        base: settings.base,
        ...(options.success === undefined ? {} : { success: options.success })
      }
      const bounded =
        options.bounded?.(attempt) ??
        Effect.timeoutFail({ duration: timeout, onTimeout: (): CatalogError => timedOut(attempt, timeout) })
      // The framework hands out a body as a Stream only, which costs more than its records (`answering.ts` reads it).
      const fetch: typeof globalThis.fetch = async (input, init) => {
        const answer = await (options.fetch ?? settings.fetch ?? globalThis.fetch)(input, init)
        attempt.body = answer.body
        return answer
      }
      return ask.pipe(
        Effect.catchTags({
          // The framework's form of a 400: `answering` has made a fault of every answer that is no success.
          HttpApiDecodeError: Effect.die,
          ParseError: (error) => Effect.fail(fromParseError(attempt)(error)),
          RequestError: (error) => Effect.fail(fromClientError(attempt)(error)),
          ResponseError: (error) => Effect.fail(fromClientError(attempt)(error))
        }),
        Effect.scoped,
        bounded,
        Effect.provideService(Attempt, attempt),
        Effect.provideService(FetchHttpClient.Fetch, fetch),
        Effect.mapError((error) => orRefusedToken(attempt, error)),
        Effect.catchTag("Unauthorized", (error) => {
          const { token, answer } = attempt
          // Without an answer it was the token's own source that failed, perhaps with an error of another copy of
          // Effect.
          if (invalidate === undefined || renewed || token === undefined || answer === undefined)
            return Effect.fail(error)
          return Effect.zipRight(
            giveBack(invalidate, token, timeout),
            options.repeatable?.() === false ? error : attempting(ask, options, true)
          )
        })
      )
    }).pipe(
      (attempt) => (options.bare ? attempt : Effect.zipRight(api, attempt)),
      Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
      Effect.locallyWith(Headers.currentRedactedNames, (names) => [...names, TOKEN_HEADER.toLowerCase()])
    )

  const surprise = (sentence: string) => Effect.flatMap(Attempt, (attempt) => unexpected(attempt, sentence))

  /** What a request is answered, as a decoder reads its JSON; `plain` may read what it knows from the body itself. */
  const ask = <A>(
    request: HttpClientRequest.HttpClientRequest,
    decode: (json: unknown) => Either.Either<A, ParseResult.ParseError>,
    plain: (body: Body) => Option.Option<A> = Option.none
  ): Asked<A> =>
    Effect.gen(function* () {
      const attempt = yield* Attempt
      yield* client.execute(request)
      const { body = emptyBody(), ...head } = attempt.answer ?? unanswered
      const result = yield* Option.match(plain(body), {
        onSome: (known): Asked<A> => Effect.succeed(known),
        onNone: (): Asked<A> => Either.match(jsonOf(body), { onLeft: surprise, onRight: decode })
      })
      // Only what is wrong with it would be said of the body, and it is as large as a page.
      attempt.answer = head
      letGo(body)
      return result
    })

  return {
    settings,
    /** An operation of the contract. */
    call: <A, E, R>(operation: (api: CatalogOperations) => Effect.Effect<A, E, R>) => Effect.flatMap(api, operation),
    ask,
    attempting,
    /** What may be done twice. */
    read: <A>(ask: Asked<A>, options: Pick<AttemptOptions, "bare"> = {}) =>
      retrying(settings)(attempting(ask, options)),
    /** What may not. */
    write: <A>(ask: Asked<A>) => retrying(settings, saysNothingDone)(attempting(ask)),
    /** The answer, unless there is a reason why it cannot be the one to the question. */
    unless: <A>(mismatch: string | undefined, answer: A): Effect.Effect<A, UnexpectedAnswer, Attempt> =>
      mismatch === undefined ? Effect.succeed(answer) : surprise(mismatch),
    /** The marker of the `next` link, as a member; `path` is what was asked for. */
    next: (
      links: ReadonlyArray<Link> | undefined,
      path: string
    ): Effect.Effect<{ readonly next?: Marker }, UnexpectedAnswer, Attempt> => {
      const next = nextMarker(links, `${settings.base}${path}`)
      if (Either.isLeft(next)) return surprise(next.left)
      return Effect.succeed(next.right === undefined ? {} : { next: next.right })
    }
  }
})

/** A way to a catalog. */
export type Connection = Effect.Effect.Success<ReturnType<typeof makeConnection>>
