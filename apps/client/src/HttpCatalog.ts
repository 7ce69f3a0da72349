import {
  type AccountId,
  type AccountScope,
  type Backup,
  BackupCatalog,
  type BackupFilter,
  type BackupId,
  BadRequest,
  type CatalogError,
  ConnectionFailed,
  describeParseError,
  type InstanceId,
  type Page,
  type PageRequest,
  type Registration,
  streamOf,
  TimedOut,
  Unauthorized
} from "@backup-catalog/core"
import { CatalogApi, type LimitsAnswer, type ListAnswer, TOKEN_HEADER } from "@backup-catalog/core/http"
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
import { answering, describeCause, questionOf } from "./answering.ts"
import { type HttpCatalogOptions, type InvalidOption, parseOptions, type Settings } from "./HttpCatalogOptions.ts"
import { type KeptAnswers, makeKeptAnswers } from "./KeptAnswers.ts"
import { mismatchOf } from "./mismatch.ts"
import { nextMarker } from "./nextMarker.ts"
import { retrying, saysNothingDone } from "./retrying.ts"

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

const makeApi = (settings: Settings) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const kept = settings.keepBytes === 0 ? undefined : makeKeptAnswers(settings.keepBytes)
    const httpClient = client.pipe(
      // Trace headers would tell a foreign server of the caller's traces, and make a browser ask for permission first.
      HttpClient.withTracerPropagation(false),
      authorized(settings),
      answering(settings.maxBodyBytes, kept),
      HttpClient.mapRequest(HttpClientRequest.prependUrl(settings.base)),
      asking(kept)
    )
    return yield* HttpApiClient.makeWith(CatalogApi, { httpClient })
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

const giveBack = (invalidate: NonNullable<Settings["invalidate"]>, token: string) =>
  Effect.tryPromise({
    try: async () => invalidate(Redacted.make(token)),
    catch: (error) =>
      new Unauthorized({
        message: "The catalog refused the token, and the function that is to replace it failed.",
        details: error instanceof Error ? error.message : String(error)
      })
  })

type ReadError =
  | CatalogError
  | HttpClientError.HttpClientError
  | HttpApiError.HttpApiDecodeError
  | ParseResult.ParseError

const make = Effect.fnUntraced(function* (options: HttpCatalogOptions) {
  const settings = yield* parseOptions(options)
  const api = yield* makeApi(settings)

  const attempting = <A>(
    read: Effect.Effect<A, ReadError, Attempt | Scope.Scope>,
    renewed = false
  ): Effect.Effect<A, CatalogError> =>
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
        Effect.provideService(Attempt, attempt),
        Effect.catchTag("Unauthorized", (error) => {
          const { token, answer } = attempt
          // Without an answer it was the token's own source that failed.
          if (settings.invalidate === undefined || renewed || token === undefined || answer === undefined) return error
          return Effect.zipRight(giveBack(settings.invalidate, token), attempting(read, true))
        })
      )
    }).pipe(
      Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
      Effect.provideService(FetchHttpClient.Fetch, settings.fetch ?? globalThis.fetch),
      Effect.locallyWith(Headers.currentRedactedNames, (names) => [...names, TOKEN_HEADER.toLowerCase()])
    )

  const read = <A>(request: Effect.Effect<A, ReadError, Attempt | Scope.Scope>) =>
    retrying(settings)(attempting(request))

  const write = <A>(request: Effect.Effect<A, ReadError, Attempt | Scope.Scope>) =>
    retrying(settings, saysNothingDone)(attempting(request))

  const surprise = (sentence: string) => Effect.flatMap(Attempt, (attempt) => unexpected(attempt, sentence))

  const toPage = Effect.fnUntraced(function* ({ backups, links }: ListAnswer, path: string, mismatch?: string) {
    if (mismatch !== undefined) return yield* surprise(mismatch)
    const next = nextMarker(links, `${settings.base}${path}`)
    if (Either.isLeft(next)) return yield* surprise(next.left)
    return (next.right === undefined ? { backups } : { backups, next: next.right }) satisfies Page
  })

  const list = Effect.fn("BackupCatalog.list")(
    (accountId: AccountId, filter: BackupFilter, page: PageRequest, scope: AccountScope = {}) =>
      api.backups.list({ path: { accountId }, urlParams: { ...filter, ...page, ...scope } }).pipe(
        Effect.flatMap((answer) =>
          toPage(answer, `/v1.0/${accountId}/backups`, mismatchOf(answer.backups, filter, page, scope))
        ),
        read
      )
  )

  const listOfInstance = Effect.fn("BackupCatalog.listOfInstance")(
    (accountId: AccountId, instanceId: InstanceId, filter: BackupFilter, page: PageRequest) => {
      const { instanceId: _, ...others } = filter
      const path = `/v1.0/${accountId}/instances/${encodeURIComponent(instanceId)}/backups`
      return api.instances.listOfInstance({ path: { accountId, instanceId }, urlParams: { ...others, ...page } }).pipe(
        Effect.flatMap((answer) => toPage(answer, path, mismatchOf(answer.backups, { ...filter, instanceId }, page))),
        read
      )
    }
  )

  const listDescendants = Effect.fn("BackupCatalog.listDescendants")(
    (accountId: AccountId, backupId: BackupId, page: PageRequest) => {
      const path = `/v1.0/${accountId}/backups/${encodeURIComponent(backupId)}/descendants`
      return api.backups.listDescendants({ path: { accountId, backupId }, urlParams: page }).pipe(
        Effect.flatMap((answer) => toPage(answer, path, mismatchOf(answer.backups, {}, page))),
        read
      )
    }
  )

  const sameId = (asked: BackupId) => (backup: Backup) =>
    backup.id === asked ? Effect.succeed(backup) : surprise(otherBackup(backup.id, asked))

  const get = Effect.fn("BackupCatalog.get")((accountId: AccountId, backupId: BackupId) =>
    api.backups.show({ path: { accountId, backupId } }).pipe(
      Effect.flatMap(({ backup }) => sameId(backupId)(backup)),
      read
    )
  )

  const upsert = Effect.fn("BackupCatalog.upsert")(
    (accountId: AccountId, backup: Backup, { ifAbsent = false }: { readonly ifAbsent?: boolean } = {}) =>
      api.backups
        .upsert({
          path: { accountId, backupId: backup.id },
          headers: ifAbsent ? { "if-none-match": "*" } : {},
          payload: { backup },
          withResponse: true
        })
        .pipe(
          Effect.flatMap(([answer, { status }]) =>
            Effect.map(sameId(backup.id)(answer.backup), (written) => ({ backup: written, created: status === 201 }))
          ),
          // Done twice it is the same; but what must not be there yet would be there the second time.
          ifAbsent ? write : read
        )
  )

  const register = Effect.fn("BackupCatalog.register")((accountId: AccountId, registration: Registration) =>
    api.backups.register({ path: { accountId }, payload: { backup: registration } }).pipe(
      Effect.map(({ backup }) => backup),
      write
    )
  )

  const remove = Effect.fn("BackupCatalog.remove")((accountId: AccountId, backupId: BackupId) =>
    write(api.backups.remove({ path: { accountId, backupId }, headers: {} }))
  )

  const limits = Effect.fn("Catalog.limits")((accountId: AccountId) =>
    read(Effect.map(api.limits.limits({ path: { accountId } }), (answer) => answer.limits))
  )

  const catalog = BackupCatalog.of({
    list,
    listOfInstance,
    listDescendants,
    get,
    stream: streamOf(list),
    upsert,
    register,
    remove
  })
  return { catalog, limits }
})

/** The catalog behind an address, and what a server says besides of the limits of an account. */
export interface HttpCatalog {
  readonly catalog: typeof BackupCatalog.Service
  readonly limits: (account: AccountId) => Effect.Effect<LimitsAnswer["limits"], CatalogError>
}

/** The parts of `layer`; fails with `InvalidOption` when an option cannot be used. */
export const makeHttpCatalog = (options: HttpCatalogOptions): Effect.Effect<HttpCatalog, InvalidOption> => make(options)

/**
 * The catalog behind an address: the `BackupCatalog` of core over HTTP.
 *
 * Fails with `InvalidOption` when an option cannot be used; nothing is asked until the catalog is.
 */
export const layer = (options: HttpCatalogOptions): Layer.Layer<BackupCatalog, InvalidOption> =>
  Layer.effect(
    BackupCatalog,
    Effect.map(make(options), ({ catalog }) => catalog)
  )
