import { BackupFilter, type BackupStatus, BadRequest, describeParseError } from "@backup-catalog/core"
import { Effect, ParseResult, Schema } from "effect"

/** Which backups a list has: every member that is given must hold (docs/api.md, Filters). Undefined members do not count. */
export interface ListFilter {
  /** A type of datastore, without regard to case: `mysql`. One that the catalog has never heard of is `ItemNotFound`. */
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

const parameters: Record<keyof ListFilter, string> = {
  datastore: "datastore",
  instanceId: "instance_id",
  status: "status",
  createdSince: "created_since",
  createdBefore: "created_before",
  include: "include"
}

const isMember = (name: string): name is keyof ListFilter => Object.hasOwn(parameters, name)
const memberOf = (parameter: PropertyKey | undefined) =>
  Object.keys(parameters).find((name) => isMember(name) && parameters[name] === parameter)

const toParameter = (name: keyof ListFilter, value: unknown): unknown => {
  if (name === "status") return Array.isArray(value) ? value : [value]
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : value
}

const decode = Schema.decodeUnknown(BackupFilter)

/**
 * The filter of core that a plain one means; `BadRequest` naming the member that is unknown or invalid.
 *
 * A misspelt member fails, since a list that it does not filter would answer another question.
 */
export const parseListFilter = (filter: ListFilter): Effect.Effect<BackupFilter, BadRequest> =>
  Effect.suspend(() => {
    if (typeof filter !== "object" || filter === null) {
      return new BadRequest({ message: 'The filter must be an object, such as { datastore: "mysql" }.' })
    }
    const given: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(filter)) {
      if (!isMember(name)) {
        const known = Object.keys(parameters).join(" ")
        return new BadRequest({ message: `The filter ${name} is not known; known are ${known}.` })
      }
      // No state at all would mean any, and list what nobody asked for.
      if (name === "status" && Array.isArray(value) && value.length === 0) {
        return new BadRequest({ message: "The filter status must have at least one state." })
      }
      if (value !== undefined) given[parameters[name]] = toParameter(name, value)
    }
    return Effect.mapError(decode(given), (error) => {
      const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
      // It begins with the name of the parameter, which is not that of the member.
      const wrong = describeParseError(error, "it").replace(/^\S+ /, "")
      return new BadRequest({ message: `The filter ${memberOf(issue?.path[0])} is wrong: ${wrong}.` })
    })
  })
