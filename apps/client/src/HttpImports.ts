import {
  type AccountId,
  BadRequest,
  type CatalogError,
  ConnectionFailed,
  type ImportRequest,
  type ImportResult
} from "@backup-catalog/core"
import { Context, Duration, Effect, Option, type Stream } from "effect"
import type { Connection } from "./Connection.ts"
import { otherThan } from "./mismatch.ts"
import { retrying } from "./retrying.ts"
import { sendingBytes, sendingStream } from "./Sending.ts"
import { sendable } from "./sendable.ts"
import { parseTimeSpan, type TimeSpan } from "./TimeSpan.ts"

/**
 * What an import carries: records as lines of JSON (NDJSON), as `encodeSourcedBackup` writes them, of any size as a
 * stream.
 */
export type ImportBody<E = never> = Uint8Array | Stream.Stream<Uint8Array, E>

/** How an import is sent. */
export interface ImportOptions {
  /** Whether the body is compressed with gzip already. Default: it is not. */
  readonly gzip?: boolean | undefined
  /**
   * How long nothing may happen: neither the server take what is sent, nor, when all is sent, answer. What the body
   * itself takes to be made does not count: meanwhile a blank between two lines tells the server that the import goes
   * on. Milliseconds, or text such as `"30 minutes"`. Default 10 minutes.
   */
  readonly patience?: TimeSpan | undefined
}

const PATIENCE = Duration.minutes(10)

/** What runs imports on the server behind an address. */
export class HttpImports extends Context.Tag("@backup-catalog/client/HttpImports")<
  HttpImports,
  {
    /**
     * Imports the backups of a source: those that cannot be imported are among the `rejections` of the result.
     *
     * A body that fails fails the import with its own error: the server keeps what it was brought, retires nothing, and
     * lists the import as interrupted. `UnprocessableEntity` while another import of the source runs, and for an empty
     * snapshot that was not allowed to be. It is not tried again once any of a stream was sent, nor are bytes unless
     * it was the token that was refused.
     */
    readonly run: <E = never>(
      account: AccountId,
      request: ImportRequest,
      body: ImportBody<E>,
      options?: ImportOptions
    ) => Effect.Effect<ImportResult, CatalogError | E>
  }
>() {}

/** Imports the backups of a source through the `HttpImports` of the context, whose `run` it is. */
export const runImport = <E = never>(
  account: AccountId,
  request: ImportRequest,
  body: ImportBody<E>,
  options?: ImportOptions
): Effect.Effect<ImportResult, CatalogError | E, HttpImports> =>
  Effect.flatMap(HttpImports, ({ run }) => run(account, request, body, options))

const mismatchOf = (result: ImportResult, { source, mode, dryRun }: ImportRequest): string | undefined =>
  otherThan("import.source", result.source, source) ??
  otherThan("import.mode", result.mode, mode) ??
  otherThan("import.dry_run", result.dryRun, dryRun)

const patienceOf = ({ patience = PATIENCE }: ImportOptions) =>
  Option.match(parseTimeSpan(patience), {
    onNone: () =>
      new BadRequest({
        message: `Nothing was asked: patience must be a number of milliseconds above 0, or a text such as "30 minutes".`
      }),
    onSome: Effect.succeed
  })

const unconnected: ReadonlySet<unknown> = new Set(["connect", "getaddrinfo"])

/** Whether there was no connection yet when a request failed, as Node tells it. */
const neverConnected = (cause: unknown): boolean => {
  if (!(cause instanceof Error)) return false
  if ("syscall" in cause && unconnected.has(cause.syscall)) return true
  return neverConnected(cause instanceof AggregateError ? cause.errors[0] : cause.cause)
}

const withFate = (error: CatalogError, fate: string | undefined): CatalogError => {
  if (error._tag !== "ConnectionFailed" || fate === undefined) return error
  const end = neverConnected(error.cause) ? "nothing was imported." : fate
  return new ConnectionFailed({ ...error, message: `${error.message.replace(/\.$/, "")}; ${end}` })
}

/** The imports of a catalog over HTTP. */
export const makeHttpImports = ({ call, attempting, settings, unless }: Connection): typeof HttpImports.Service => {
  const run = Effect.fn("HttpImports.run")(function* <E>(
    accountId: AccountId,
    request: ImportRequest,
    body: ImportBody<E>,
    options: ImportOptions = {}
  ) {
    const patience = yield* patienceOf(options)
    const { source, mode, allowEmpty, dryRun } = request
    const gzip = options.gzip === true
    const given = yield* sendable(body, settings)
    const sending =
      given instanceof Uint8Array
        ? sendingBytes(given, gzip, settings, patience)
        : yield* sendingStream(given, gzip, settings, patience)
    const ask = call((api) =>
      api.imports.runImport({ path: { accountId }, urlParams: { source, mode, allowEmpty, dryRun } })
    ).pipe(Effect.flatMap((answer) => unless(mismatchOf(answer.import, request), answer.import)))
    return yield* attempting(ask, { ...sending.attempt, success: 200 }).pipe(
      retrying(settings, () => sending.fate() === undefined),
      Effect.catchAll(
        (error): Effect.Effect<never, CatalogError | E> =>
          Option.match(sending.failure(), {
            onNone: () => Effect.fail(withFate(error, sending.fate())),
            onSome: Effect.failCause
          })
      )
    )
  }, Effect.scoped)
  return HttpImports.of({ run })
}
