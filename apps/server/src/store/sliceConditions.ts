import { type BackupFilter, foldDatastore, type PositionAcross } from "@backup-catalog/core"
import { condition, type SqlText } from "./SqlText.ts"

/** A place in an order, and the condition that holds for what is behind it. */
interface Start {
  readonly created: bigint
  readonly behind: SqlText
}

/**
 * The conditions of a walk's two ends. Of two upper bounds only the lower one is asked for: an index is sought by one.
 */
export const bounds = (
  { createdSince, createdBefore }: BackupFilter,
  start: Start | undefined,
  created = "created"
): ReadonlyArray<SqlText> => [
  ...(createdSince === undefined ? [] : [condition(`${created} >= ?`, createdSince)]),
  ...(start !== undefined && (createdBefore === undefined || start.created < createdBefore)
    ? [start.behind]
    : createdBefore === undefined
      ? []
      : [condition(`${created} < ?`, createdBefore)])
]

/** Where a walk of all accounts begins, in an order of `created` as it is given. */
export const startAcross = (created: string, after: PositionAcross | undefined): Start | undefined =>
  after && {
    created: after.created,
    behind: condition(`(${created}, id, account) < (?, ?, ?)`, after.created, after.id, after.account)
  }

const ofStatus = (statuses: ReadonlyArray<string>): SqlText =>
  statuses.length === 1
    ? condition("status = ?", ...statuses)
    : condition(`status IN (${statuses.map(() => "?").join(", ")})`, ...statuses)

/** The conditions of a filter that are no bounds of a walk. */
export const filtered = (
  { instanceId, datastore }: BackupFilter,
  statuses: ReadonlyArray<string>
): ReadonlyArray<SqlText> => [
  ...(instanceId === undefined ? [] : [condition("instance_id = ?", instanceId)]),
  ...(datastore === undefined ? [] : [condition("datastore = ?", foldDatastore(datastore))]),
  ...(statuses.length === 0 ? [] : [ofStatus(statuses)])
]
