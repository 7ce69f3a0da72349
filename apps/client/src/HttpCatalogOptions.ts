import { acrossCopies, type CatalogError, isCatalogError, Unauthorized } from "@backup-catalog/core"
import { Data, type Duration, Effect, Either, Option, Redacted } from "effect"
import { parseAddress } from "./parseAddress.ts"
import { aFunction, type Known, readMembers } from "./readMembers.ts"
import { parseTimeSpan, type TimeSpan } from "./TimeSpan.ts"

/**
 * A token, or what gives one: a function (asked before every request, so that a token may change) or an Effect.
 *
 * An error of the catalog that such a function throws stays what it is; everything else becomes an `Unauthorized` whose
 * details are its message.
 */
export type Token =
  | string
  | Redacted.Redacted
  | (() => string | Redacted.Redacted | PromiseLike<string | Redacted.Redacted>)
  | Effect.Effect<string | Redacted.Redacted, CatalogError>

/** Where the catalog is and how patient to be with it; the same for both APIs of this package. */
export interface HttpCatalogOptions {
  /**
   * The address of the catalog, `https://host` or with a base path `https://host/db`; what follows it (`/v1.0/…`) is
   * added. Without credentials, query and fragment. The token is sent to this origin and nowhere else.
   */
  readonly url: string | URL
  /** The token that is sent as `X-Auth-Token`. */
  readonly token: Token
  /** How long one attempt may take, headers and body: milliseconds, or text such as `"10 seconds"`. Default 30 s. */
  readonly timeout?: TimeSpan | undefined
  /** How often a failed read is tried again: a whole number, 0 for never. Default 3. */
  readonly retries?: number | undefined
  /**
   * The longest wait between two attempts: milliseconds, or text such as `"1 minute"`. Default 30 s.
   * A server that asks for a longer one (`Retry-After`) is not tried again: its fault is the result.
   */
  readonly maxWait?: TimeSpan | undefined
  /** How large an answer may be, in bytes after decompression; reading stops there. Default 67,108,864 (64 MiB). */
  readonly maxBodyBytes?: number | undefined
  /**
   * How many bytes of answers to reads are kept, to be used again as long as the server says (by `ETag`) that nothing
   * has changed; 0 for none. Default 0. Who asks the same question again and again then costs the server next to
   * nothing.
   */
  readonly keepBytes?: number | undefined
  /**
   * Called with a token that was refused (401), and waited for as long as `timeout`; then the request is sent once
   * more, with the token that there is. What it throws becomes an `Unauthorized`. The session of
   * `@backup-catalog/client/keystone` has it.
   */
  readonly invalidate?: ((refused: Redacted.Redacted) => void | PromiseLike<void>) | undefined
  /**
   * What is sent as `traceparent` (W3C Trace Context) with each request: what a function gives, asked before each, or,
   * by `"span"`, that of the Effect span in which the request is made. Default: nothing, and no one learns of the
   * caller's traces.
   */
  readonly traceparent?: "span" | (() => string | undefined) | undefined
  /** What is called instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
}

/** An option that cannot be used; the message names it and says what it must be. `code` is 0: nothing was asked. */
export class InvalidOption extends acrossCopies(Data.TaggedError("InvalidOption"))<{
  readonly message: string
  readonly option: string
  readonly requestId?: string
}> {
  readonly code = 0
}

/** How patient to be with an address. */
export interface Patience {
  readonly timeout: Duration.Duration
  readonly retries: number
  readonly maxWait: Duration.Duration
  readonly fetch: typeof globalThis.fetch | undefined
}

/** The options, checked and complete. */
export interface Settings extends Patience {
  /** Origin and base path, without a slash at the end. */
  readonly base: string
  readonly token: Effect.Effect<Redacted.Redacted, CatalogError>
  readonly maxBodyBytes: number
  readonly keepBytes: number
  readonly invalidate: HttpCatalogOptions["invalidate"]
  readonly traceparent: HttpCatalogOptions["traceparent"]
}

/** An option that cannot be used, by what it must be. */
const invalid = (option: string, sentence: string): InvalidOption =>
  new InvalidOption({ option, message: `The option ${option} ${sentence}.` })

// What the API has behind an account; anything else belongs to a server in front of it.
const apiPath = /\/v1\.0(?:\/[^/]+(?:\/(?:backups|coverage|imports|instances|limits|policy)(?:\/.*)?)?)?$/i

/** The origin and base path that a url names, without a slash at the end; a url that is more or less fails. */
export const parseBase = (url: HttpCatalogOptions["url"]): Effect.Effect<string, InvalidOption> =>
  Either.match(parseAddress(url), {
    onLeft: (predicate) => invalid("url", predicate),
    onRight: (base) => {
      const version = base.search(apiPath)
      // It comes behind the address again, and what is not there would be taken for a backup that is not.
      return version === -1
        ? Effect.succeed(base)
        : invalid("url", `must not have ${base.slice(version)} at its end: ${base.slice(0, version)} is the address`)
    }
  })

/** What a header may carry; anything else would make fetch fail with the token in its message. */
export const headerText = /^[\x21-\x7e]+$/
const MUST_BE_HEADER_TEXT =
  "must be a text of visible ASCII characters; a space or line break may have come along when it was copied"

const redacted = (token: unknown): Redacted.Redacted | undefined => {
  const text: unknown = Redacted.isRedacted(token) ? Redacted.value(token) : token
  return typeof text === "string" && headerText.test(text) ? Redacted.make(text) : undefined
}

const checked = (token: unknown): Effect.Effect<Redacted.Redacted, Unauthorized> =>
  Effect.suspend(() => {
    const usable = redacted(token)
    return usable === undefined
      ? new Unauthorized({ message: `Nothing was asked: the token ${MUST_BE_HEADER_TEXT}.` })
      : Effect.succeed(usable)
  })

const parseToken = (token: Token): Effect.Effect<Effect.Effect<Redacted.Redacted, CatalogError>, InvalidOption> => {
  if (typeof token === "function") {
    const asked = Effect.tryPromise({
      try: async () => token(),
      catch: (error) =>
        isCatalogError(error)
          ? error
          : new Unauthorized({
              message: "Nothing was asked: the function that gives the token failed.",
              details: error instanceof Error ? error.message : String(error)
            })
    })
    return Effect.succeed(Effect.flatMap(asked, checked))
  }
  if (Effect.isEffect(token)) return Effect.succeed(Effect.flatMap(token, checked))
  const given = redacted(token)
  return given === undefined ? invalid("token", MUST_BE_HEADER_TEXT) : Effect.succeed(Effect.succeed(given))
}

const parseDuration = (option: string, input: unknown) =>
  Option.match(parseTimeSpan(input), {
    onNone: () => invalid(option, `must be a number of milliseconds above 0, or a text such as "10 seconds"`),
    onSome: Effect.succeed
  })

const parseCount = (option: string, count: unknown, least: number) =>
  typeof count === "number" && Number.isSafeInteger(count) && count >= least
    ? Effect.succeed(count)
    : invalid(option, `must be a whole number, ${least} or more`)

/** The names of `HttpCatalogOptions`. */
export const httpOptions: Known<HttpCatalogOptions> = {
  url: true,
  token: true,
  timeout: true,
  retries: true,
  maxWait: true,
  maxBodyBytes: true,
  keepBytes: true,
  invalidate: aFunction,
  traceparent: {
    must: 'must be "span" or a function',
    is: (value) => value === "span" || aFunction.is(value)
  },
  fetch: aFunction
}

/** What options say; `InvalidOption` for one that is not known, which would silently not count, or cannot be used. */
export const readOptions = <Options extends object>(
  options: Options,
  known: Known<Options>
): Effect.Effect<Options, InvalidOption> =>
  Effect.suspend(() =>
    Either.mapLeft(readMembers(options, known), ({ name, predicate }) =>
      name === undefined
        ? new InvalidOption({ option: "options", message: `The options ${predicate}.` })
        : invalid(name, predicate)
    )
  )

/**
 * The patience that options mean, or the first option that cannot be used; how often to retry has no common default.
 */
export const parsePatience = (
  options: Pick<HttpCatalogOptions, keyof Patience>,
  defaultRetries: number
): Effect.Effect<Patience, InvalidOption> =>
  Effect.all({
    timeout: parseDuration("timeout", options.timeout ?? 30_000),
    retries: parseCount("retries", options.retries ?? defaultRetries, 0),
    maxWait: parseDuration("maxWait", options.maxWait ?? 30_000),
    fetch: Effect.succeed(options.fetch)
  })

/** The settings that options mean, or the first option that cannot be used. */
export const parseOptions = (options: HttpCatalogOptions): Effect.Effect<Settings, InvalidOption> =>
  Effect.gen(function* () {
    const given = yield* readOptions(options, httpOptions)
    return {
      base: yield* parseBase(given.url),
      token: yield* parseToken(given.token),
      ...(yield* parsePatience(given, 3)),
      maxBodyBytes: yield* parseCount("maxBodyBytes", given.maxBodyBytes ?? 64 * 2 ** 20, 1),
      keepBytes: yield* parseCount("keepBytes", given.keepBytes ?? 0, 0),
      invalidate: given.invalidate,
      traceparent: given.traceparent
    }
  })
