import {
  type AccountId,
  type Backup,
  BackupCatalog,
  type BackupFilter,
  type BackupId,
  BadRequest,
  type CatalogError,
  ConnectionFailed,
  describeParseError,
  type Page,
  type PageRequest,
  streamOf,
  TimedOut
} from "@backup-catalog/core"
import { CatalogApi, TOKEN_HEADER } from "@backup-catalog/core/http"
import {
  FetchHttpClient,
  Headers,
  HttpApiClient,
  type HttpApiError,
  HttpClient,
  type HttpClientError,
  HttpClientRequest
} from "@effect/platform"
import { Duration, Effect, Either, Layer, type ParseResult, Redacted, type Scope } from "effect"
import { Attempt, type AttemptState, presentable, requestIdOf, unexpected } from "./Attempt.ts"
import { answering, describeCause } from "./answering.ts"
import { type HttpCatalogOptions, type InvalidOption, parseOptions, type Settings } from "./HttpCatalogOptions.ts"
import { mismatchOf } from "./mismatch.ts"
import { nextMarker } from "./nextMarker.ts"
import { retrying } from "./retrying.ts"

const authorized = (settings: Settings) =>
  HttpClient.mapRequestEffect((request: HttpClientRequest.HttpClientRequest) =>
    Effect.gen(function* () {
      const attempt = yield* Attempt
      const token = Redacted.value(yield* settings.token)
      attempt.token = token
      return HttpClientRequest.setHeaders(request, { accept: "application/json", [TOKEN_HEADER]: token })
    })
  )

const makeApi = (settings: Settings) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const httpClient = client.pipe(
      // Trace headers would tell a foreign server of the caller's traces, and make a browser ask for permission first.
      HttpClient.withTracerPropagation(false),
      authorized(settings),
      answering(settings.maxBodyBytes),
      HttpClient.mapRequest(HttpClientRequest.prependUrl(settings.base))
    )
    return yield* HttpApiClient.group(CatalogApi, { group: "backups", httpClient })
  }).pipe(Effect.provide(FetchHttpClient.layer))

const isJson = (text: string): boolean => Either.isRight(Either.try(() => JSON.parse(text)))

const fromParseError =
  (attempt: AttemptState) =>
  (error: ParseResult.ParseError): CatalogError => {
    const text = attempt.answer?.text
    // Without an answer it was the arguments that could not be encoded.
    if (text === undefined) return new BadRequest({ message: `Nothing was asked: ${describeParseError(error, "it")}.` })
    return unexpected(attempt, isJson(text) ? describeParseError(error, "its body") : "its body is not JSON")
  }

const fromClientError =
  (attempt: AttemptState) =>
  ({ cause }: HttpClientError.HttpClientError): CatalogError =>
    new ConnectionFailed({
      message: presentable(attempt, `${attempt.base} cannot be reached: ${describeCause(cause)}.`),
      cause
    })

const timedOut = (attempt: AttemptState, timeout: Duration.Duration) =>
  new TimedOut({
    message:
      attempt.token === undefined
        ? `Nothing was asked: the token did not come within ${Duration.format(timeout)}.`
        : attempt.answer === undefined
          ? `${attempt.base} did not answer within ${Duration.format(timeout)}.`
          : `The answer of ${attempt.base} was not complete within ${Duration.format(timeout)}.`,
    ...requestIdOf(attempt)
  })

const otherBackup = (answered: BackupId, asked: BackupId): string =>
  `it answered another question: backup.id is ${JSON.stringify(answered)} where ${JSON.stringify(asked)} was asked for`

type ReadError =
  | CatalogError
  | HttpClientError.HttpClientError
  | HttpApiError.HttpApiDecodeError
  | ParseResult.ParseError

const make = Effect.fnUntraced(function* (options: HttpCatalogOptions) {
  const settings = yield* parseOptions(options)
  const api = yield* makeApi(settings)

  const attempting = <A>(read: Effect.Effect<A, ReadError, Attempt | Scope.Scope>): Effect.Effect<A, CatalogError> =>
    Effect.suspend(() => {
      const attempt: AttemptState = { base: settings.base }
      return read.pipe(
        Effect.catchTags({
          // The framework's form of a 400: `answering` has made a fault of every answer but 200.
          HttpApiDecodeError: Effect.die,
          ParseError: (error) => Effect.fail(fromParseError(attempt)(error)),
          RequestError: (error) => Effect.fail(fromClientError(attempt)(error)),
          ResponseError: (error) => Effect.fail(fromClientError(attempt)(error))
        }),
        Effect.scoped,
        Effect.timeoutFail({ duration: settings.timeout, onTimeout: () => timedOut(attempt, settings.timeout) }),
        Effect.provideService(Attempt, attempt)
      )
    }).pipe(
      Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
      Effect.provideService(FetchHttpClient.Fetch, settings.fetch ?? globalThis.fetch),
      Effect.locallyWith(Headers.currentRedactedNames, (names) => [...names, TOKEN_HEADER.toLowerCase()])
    )

  const listPage = (accountId: AccountId, filter: BackupFilter, page: PageRequest) =>
    Effect.gen(function* () {
      const { backups, links } = yield* api.list({ path: { accountId }, urlParams: { ...filter, ...page } })
      const mismatch = mismatchOf(backups, filter, page)
      if (mismatch !== undefined) return yield* unexpected(yield* Attempt, mismatch)
      const next = nextMarker(links, `${settings.base}/v1.0/${accountId}/backups`)
      if (Either.isLeft(next)) return yield* unexpected(yield* Attempt, next.left)
      return (next.right === undefined ? { backups } : { backups, next: next.right }) satisfies Page
    })

  const list = Effect.fn("BackupCatalog.list")(
    (account: AccountId, filter: BackupFilter, page: PageRequest): Effect.Effect<Page, CatalogError> =>
      retrying(settings)(attempting(listPage(account, filter, page)))
  )

  const get = Effect.fn("BackupCatalog.get")(
    (account: AccountId, backupId: BackupId): Effect.Effect<Backup, CatalogError> =>
      api.show({ path: { accountId: account, backupId } }).pipe(
        Effect.flatMap(({ backup }) =>
          backup.id === backupId
            ? Effect.succeed(backup)
            : Effect.flatMap(Attempt, (attempt) => unexpected(attempt, otherBackup(backup.id, backupId)))
        ),
        attempting,
        retrying(settings)
      )
  )

  return BackupCatalog.of({ list, get, stream: streamOf(list) })
})

/**
 * The catalog behind an address: the `BackupCatalog` of core over HTTP.
 *
 * Fails with `InvalidOption` when an option cannot be used; nothing is asked until the catalog is.
 */
export const layer = (options: HttpCatalogOptions): Layer.Layer<BackupCatalog, InvalidOption> =>
  Layer.effect(BackupCatalog, make(options))
