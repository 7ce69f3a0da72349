import { BackupFilter, type BackupStatus, BadRequest, describeParseError } from "@backup-catalog/core"
import { Effect, Either, ParseResult, Record, Schema } from "effect"
import { type Known, readMembers } from "./readMembers.ts"
import { timeText } from "./timeText.ts"

/**
 * Which backups a list has: every member that is given must hold (docs/api.md, Filters). Undefined members do not
 * count.
 */
export interface ListFilter {
  /**
   * A type of datastore, without regard to case: `mysql`. One that the catalog has never heard of is `ItemNotFound`.
   */
  readonly datastore?: string | undefined
  /** The database instance that the backups were taken of. */
  readonly instanceId?: string | undefined
  /** One state, or several of which any will do. */
  readonly status?: BackupStatus | ReadonlyArray<BackupStatus> | undefined
  /** Created then or later: a Date, or RFC 3339 text with a zone such as `2014-06-19T15:56:58Z`. */
  readonly createdSince?: string | Date | undefined
  /** Created before then: as `createdSince`. */
  readonly createdBefore?: string | Date | undefined
  /** `retired`: also those that their source no longer has, each with its `retiredAt`. */
  readonly include?: "retired" | undefined
}

const parameters: Readonly<Record<keyof ListFilter, string>> = {
  datastore: "datastore",
  instanceId: "instance_id",
  status: "status",
  createdSince: "created_since",
  createdBefore: "created_before",
  include: "include"
}

const members: Known<ListFilter> = Record.map(parameters, (): true => true)

const memberOf = (parameter: PropertyKey | undefined) =>
  Object.entries(parameters).find(([, one]) => one === parameter)?.[0]

type Encoded = typeof BackupFilter.Encoded
type Repeatable = {
  [Name in keyof Encoded]-?: readonly [] extends Encoded[Name] ? Name : never
}[keyof Encoded]

// What the parameters that may be repeated are lists of. One alone stands for a list of it.
const listed: Readonly<Record<Repeatable, string>> = { status: "state" }

const isListed = (parameter: string): parameter is Repeatable => Object.hasOwn(listed, parameter)

const toParameter = (parameter: string, value: unknown): unknown =>
  isListed(parameter) && !Array.isArray(value) ? [value] : timeText(value)

const toParameters = (given: ListFilter): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const parameter = parameters[name as keyof ListFilter]
      return [parameter, toParameter(parameter, value)]
    })
  )

const refuseFilter = (sentence: string) => new BadRequest({ message: `The filter ${sentence}.` })

const decode = Schema.decodeUnknown(BackupFilter)

/**
 * The filter of core that a plain one means; `BadRequest` naming the member that is unknown or invalid.
 *
 * A misspelt member fails, since a list that it does not filter would answer another question.
 */
export const parseListFilter = (filter: ListFilter): Effect.Effect<BackupFilter, BadRequest> =>
  Effect.gen(function* () {
    const given = yield* Either.mapLeft(readMembers(filter, members), ({ name, predicate }) =>
      refuseFilter(name === undefined ? `${predicate}; one is { datastore: "mysql" }` : `${name} ${predicate}`)
    )
    const asked = toParameters(given)
    for (const [parameter, value] of Object.entries(asked)) {
      // None at all would mean any, and list what nobody asked for.
      if (isListed(parameter) && Array.isArray(value) && value.length === 0) {
        return yield* refuseFilter(`${memberOf(parameter)} must have at least one ${listed[parameter]}`)
      }
    }
    return yield* Effect.mapError(decode(asked), (error) => {
      const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
      // It begins with the name of the parameter, which is not that of the member.
      const wrong = describeParseError(error, "it").replace(/^\S+ /, "")
      return refuseFilter(`${memberOf(issue?.path[0])} is wrong: ${wrong}`)
    })
  })
