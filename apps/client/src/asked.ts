import { BackupId, BadRequest, describeParseError, InstanceId, PageRequest } from "@backup-catalog/core"
import { Effect, Schema } from "effect"
import type { ListOptions, PageOptions } from "./PlainList.ts"
import { runPromise } from "./runPromise.ts"
import { unknownName } from "./unknownName.ts"

/** What can end a request at once: it then rejects with the signal's reason. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined
}

/** The names of `RequestOptions`. */
export const requestOptions: Readonly<Record<keyof RequestOptions, true>> = { signal: true }

/** The names of `ListOptions`. */
export const listOptions: Readonly<Record<keyof ListOptions, true>> = { signal: true, pageSize: true }

/** Makes what cannot be asked a `BadRequest` that says what of it is wrong. */
export const refused = (what: string) =>
  Effect.mapError(
    (error: Parameters<typeof describeParseError>[0]) =>
      new BadRequest({ message: `Nothing was asked: ${describeParseError(error, what)}.` })
  )

/** The members of an object that are not undefined. */
export const defined = (options: object): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

const decodePageRequest = Schema.decodeUnknown(Schema.typeSchema(PageRequest), { onExcessProperty: "error" })

/** The page that options mean. */
export const parsePageRequest = (options: PageOptions): Effect.Effect<PageRequest, BadRequest> =>
  refused("what is asked of the page")(
    decodePageRequest(typeof options === "object" && options !== null ? defined(options) : options)
  )

const decodeId = Schema.decodeUnknown(BackupId)
const decodeInstanceId = Schema.decodeUnknown(InstanceId)

/** The id of a backup that a text means. */
export const parseBackupId = (id: string): Effect.Effect<BackupId, BadRequest> => refused("the id")(decodeId(id))

/** The id of an instance that a text means. */
export const parseInstanceId = (id: string): Effect.Effect<InstanceId, BadRequest> =>
  refused("the id of the instance")(decodeInstanceId(id))

/** Refuses options with names that are not known: a misspelt one would silently not count, and another question be answered. */
export const checked = <Options extends object>(
  options: Options,
  known: Readonly<Record<keyof Options, true>>,
  what = "option"
): Effect.Effect<Options, BadRequest> =>
  Effect.suspend(() => {
    if (typeof options !== "object" || options === null) {
      return new BadRequest({ message: `Nothing was asked: the ${what}s must be an object.` })
    }
    const unknown = unknownName(options, Object.keys(known))
    return unknown === undefined
      ? Effect.succeed(options)
      : new BadRequest({
          message: `Nothing was asked: the ${what} ${unknown.name} ${unknown.predicate}.`
        })
  })

/** Asks, once the options are known to be valid, until their signal ends it. */
export const request = <A, E>(
  options: RequestOptions,
  asked: Effect.Effect<A, E>,
  known: Readonly<Record<string, true>> = requestOptions
): Promise<A> => runPromise(Effect.zipRight(checked(options, known), asked), options?.signal)
