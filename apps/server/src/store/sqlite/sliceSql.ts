import type { BackupFilter, Position } from "@backup-catalog/core"
import type { Slice, SliceAcross } from "@backup-catalog/core/store"
import { condition, join, type SqlText } from "../SqlText.ts"
import { bounds, filtered, startAcross } from "../sliceConditions.ts"
import { LIMIT } from "./limit.ts"

const ORDER = `ORDER BY created DESC, id DESC ${LIMIT}`

const BY_STATUS = "INDEXED BY backups_by_status"

/**
 * The index that a list walks. Each has the account and one filter in front of the order, so the walk is in order and
 * stops at the limit; what the others filter is checked on the way. COMPLETED is what most backups are, hence last.
 */
const indexOf = ({ instanceId, statuses = [], datastore }: BackupFilter): string => {
  if (instanceId !== undefined) return "INDEXED BY backups_by_instance"
  if (statuses.length > 0 && !(datastore !== undefined && statuses.includes("COMPLETED"))) {
    return BY_STATUS
  }
  return datastore === undefined ? "" : "INDEXED BY backups_by_datastore"
}

// Sought by one column, which takes less than by both; the other condition is for those of the same time.
const startOf = (after: Position | undefined) =>
  after && {
    created: after.created,
    behind: condition("created <= ? AND (created, id) < (?, ?)", after.created, after.created, after.id)
  }

const walk = (columns: string, slice: Slice, statuses: ReadonlyArray<string>): SqlText => {
  const { account, filter, after, limit } = slice
  const conditions = [
    condition("account = ?", account),
    ...filtered(filter, statuses),
    ...bounds(filter, startOf(after))
  ]
  return join(
    [
      condition("SELECT"),
      condition(columns),
      condition("FROM backups"),
      condition(indexOf(filter)),
      condition("WHERE"),
      join(conditions, " AND "),
      condition(ORDER, limit)
    ],
    " "
  )
}

/**
 * Some columns of the rows of a slice, newest first, always in the order of an index.
 *
 * Several statuses are several walks of one index, each to the limit, merged: a single walk with `IN` would have to
 * sort all that match before it could stop.
 */
export const sliceSql = (columns: string, slice: Slice): SqlText => {
  const statuses = [...new Set(slice.filter.statuses)]
  if (statuses.length <= 1 || indexOf(slice.filter) !== BY_STATUS) return walk(columns, slice, statuses)
  const walks = join(
    statuses.map((status) => walk("*", slice, [status])),
    ") UNION ALL SELECT * FROM ("
  )
  return {
    sql: `SELECT ${columns} FROM (SELECT * FROM (${walks.sql})) ${ORDER}`,
    params: [...walks.params, slice.limit]
  }
}

/** The same of what was retired, with when it was, as `retired`. */
export const retiredSql = (columns: string, { account, filter, after, limit }: Slice): SqlText => {
  const conditions = [
    condition("account = ?", account),
    ...filtered(filter, [...new Set(filter.statuses)]),
    ...bounds(filter, startOf(after))
  ]
  return join(
    [condition(`SELECT ${columns} FROM retired WHERE`), join(conditions, " AND "), condition(ORDER, limit)],
    " "
  )
}

// An instance is one account's, or a few accounts': found account by account, its backups are few enough to be sorted.
const acrossBy = ({ instanceId }: BackupFilter): SqlText =>
  instanceId === undefined
    ? condition("backups INDEXED BY backups_by_created")
    : condition(
        `(SELECT backups.* FROM accounts CROSS JOIN backups INDEXED BY backups_by_instance
          ON backups.account = accounts.account AND backups.instance_id = ?)`,
        instanceId
      )

/**
 * The same of a slice of all accounts together: one walk of the index of their common order, filtered on the way; or
 * of each account's index of an instance.
 */
export const sliceAcrossSql = (columns: string, { filter, after, limit }: SliceAcross): SqlText => {
  const { instanceId: _, ...others } = filter
  const conditions = [
    ...filtered(others, [...new Set(others.statuses)]),
    ...bounds(others, startAcross("created", after))
  ]
  return join(
    [
      condition(`SELECT ${columns} FROM`),
      acrossBy(filter),
      ...(conditions.length === 0 ? [] : [condition("WHERE"), join(conditions, " AND ")]),
      condition(`ORDER BY created DESC, id DESC, account DESC ${LIMIT}`, limit)
    ],
    " "
  )
}
