import { BackupId, BadRequest, describeParseError, InstanceId, PageRequest } from "@backup-catalog/core"
import { Effect, Either, Exit, type ParseResult, Schema } from "effect"
import type { ListOptions, PageOptions } from "./PlainList.ts"
import { type Kind, type Known, readMembers } from "./readMembers.ts"
import { runPromise } from "./runPromise.ts"

/** What can end a request at once: it then rejects with the signal's reason. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined
}

// One of another realm is no instance of the AbortSignal here.
const anAbortSignal: Kind = {
  must: "must be an AbortSignal",
  is: (value) =>
    typeof value === "object" &&
    value !== null &&
    "throwIfAborted" in value &&
    typeof value.throwIfAborted === "function" &&
    "addEventListener" in value &&
    typeof value.addEventListener === "function"
}

const aPageSize: Kind = {
  must: "must be a whole number, 1 or more",
  is: (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 1
}

/** The names of `RequestOptions`. */
export const requestOptions: Known<RequestOptions> = { signal: anAbortSignal }

/** The names of `ListOptions`. */
export const listOptions: Known<ListOptions> = { ...requestOptions, pageSize: aPageSize }

const pageOptions: Known<PageOptions> = { limit: true, marker: true }

/**
 * Makes what cannot be asked a `BadRequest` that says what of it is wrong. `names` are those of members, by the paths
 * that the wire has them at.
 */
export const refused = (what: string, names: Readonly<Record<string, string>> = {}) =>
  Effect.mapError((error: ParseResult.ParseError) => {
    const wrong = describeParseError(error, what).replace(/^\S+/, (path) => names[path] ?? path)
    return new BadRequest({ message: `Nothing was asked: ${wrong}.` })
  })

/** The members of an object that are not undefined. */
export const defined = (options: object): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

/**
 * What options say; `BadRequest` for one that is not known or cannot be used, since another question would be answered
 * without it.
 */
export const checked = <Options extends object>(
  options: Options,
  known: Known<Options>,
  what = "option"
): Effect.Effect<Options, BadRequest> =>
  Effect.suspend(() =>
    Either.mapLeft(readMembers(options, known), ({ name, predicate }) => {
      const wrong = name === undefined ? `${what}s` : `${what} ${name}`
      return new BadRequest({ message: `Nothing was asked: the ${wrong} ${predicate}.` })
    })
  )

const decodePageRequest = Schema.decodeUnknown(Schema.typeSchema(PageRequest))

/** The page that options mean. */
export const parsePageRequest = (options: PageOptions): Effect.Effect<PageRequest, BadRequest> =>
  Effect.flatMap(checked(options, pageOptions), (given) =>
    refused("what is asked of the page")(decodePageRequest(given))
  )

const decodeId = Schema.decodeUnknown(BackupId)
const decodeInstanceId = Schema.decodeUnknown(InstanceId)

/** The id of a backup that a text means. */
export const parseBackupId = (id: string): Effect.Effect<BackupId, BadRequest> => refused("the id")(decodeId(id))

/** The id of an instance that a text means. */
export const parseInstanceId = (id: string): Effect.Effect<InstanceId, BadRequest> =>
  refused("the id of the instance")(decodeInstanceId(id))

/** Asks with what options say now, whatever becomes of them meanwhile, until their signal ends it. */
export const asking = <Options extends RequestOptions, A, E>(
  options: Effect.Effect<Options, E>,
  ask: (given: Options) => Effect.Effect<A, E>
): Promise<A> => {
  const given = Effect.runSyncExit(options)
  return runPromise(Effect.flatMap(given, ask), Exit.isSuccess(given) ? given.value.signal : undefined)
}

/** Asks, once the options of a request are known to be valid, until their signal ends it. */
export const request = <A, E>(options: RequestOptions, asked: Effect.Effect<A, E>): Promise<A> =>
  asking<RequestOptions, A, E | BadRequest>(checked(options, requestOptions), () => asked)
