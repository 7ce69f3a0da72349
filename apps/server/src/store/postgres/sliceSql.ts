import type { BackupFilter, Position } from "@backup-catalog/core"
import type { Slice, SliceAcross } from "@backup-catalog/core/store"
import { condition, join, type SqlText } from "../SqlText.ts"
import { bounds, filtered, startAcross } from "../sliceConditions.ts"

/** Where the rows of a walk are. */
type Table = "backups" | "retired"

const COMPLETED = "COMPLETED"

// One walk of several statuses would have to sort all that match before it could stop. COMPLETED is what most backups
// are: where there is another filter to go by, statuses with it are checked on the way.
const walksByStatus = ({ instanceId, datastore }: BackupFilter, statuses: ReadonlyArray<string>): boolean =>
  statuses.length > 1 && instanceId === undefined && !(datastore !== undefined && statuses.includes(COMPLETED))

const startOf = (after: Position | undefined) =>
  after && { created: after.created, behind: condition("(created, id) < (?, ?)", after.created, after.id) }

// The limit is a part of the text: a plan for any limit would be one for a tenth of all that match.
const walk = (columns: string, table: Table, slice: Slice, statuses: ReadonlyArray<string>): SqlText => {
  const { account, filter, after, limit } = slice
  const conditions = [
    condition("account = ?", account),
    ...filtered(filter, statuses),
    ...bounds(filter, startOf(after))
  ]
  return join(
    [
      condition(`SELECT ${columns} FROM ${table} WHERE`),
      join(conditions, " AND "),
      condition(`ORDER BY created DESC, id DESC LIMIT ${limit}`)
    ],
    " "
  )
}

/**
 * Some columns of the rows of a slice, newest first: `created` and `id` among them.
 *
 * Each filter has an index with the account and the filter in front of the order, so that a walk is in order and stops
 * at the limit. Several statuses are several walks of one index, each to the limit, merged.
 */
export const sliceSql = (columns: string, slice: Slice, table: Table = "backups"): SqlText => {
  const statuses = [...new Set(slice.filter.statuses)]
  if (!walksByStatus(slice.filter, statuses)) return walk(columns, table, slice, statuses)
  const walks = join(
    statuses.map((status) => walk(columns, table, slice, [status])),
    ") UNION ALL ("
  )
  return {
    sql: `(${walks.sql}) ORDER BY created DESC, id DESC LIMIT ${slice.limit}`,
    params: walks.params
  }
}

// What the index of the common order is made of.
const ACROSS = "created + 0"

// An instance is one account's, or a few accounts': found account by account, its backups are few enough to be sorted.
const acrossBy = (columns: string, { instanceId }: BackupFilter): SqlText =>
  instanceId === undefined
    ? condition(`SELECT ${columns} FROM backups`)
    : condition(
        `SELECT ${columns} FROM (
           SELECT found.* FROM accounts CROSS JOIN LATERAL (
             SELECT * FROM backups WHERE backups.account = accounts.account AND instance_id = ? OFFSET 0
           ) AS found
         ) AS backups`,
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
    ...bounds(others, startAcross(ACROSS, after), ACROSS)
  ]
  return join(
    [
      acrossBy(columns, filter),
      ...(conditions.length === 0 ? [] : [condition("WHERE"), join(conditions, " AND ")]),
      condition(`ORDER BY ${ACROSS} DESC, id DESC, account DESC LIMIT ${limit}`)
    ],
    " "
  )
}
