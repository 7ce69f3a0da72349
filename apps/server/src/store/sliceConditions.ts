import { type BackupFilter, foldDatastore, type PositionAcross } from "@backup-catalog/core"

/** The values that a statement takes. */
export type SqlParams = ReadonlyArray<string | number | bigint | Buffer | null>

/** A piece of SQL with the values for its question marks. */
export interface SqlText {
  readonly sql: string
  readonly params: SqlParams
}

/** A piece of SQL by its text and its values. */
export const condition = (sql: string, ...params: SqlParams): SqlText => ({ sql, params })

/** Several pieces of SQL as one. */
export const join = (parts: ReadonlyArray<SqlText>, separator: string): SqlText => {
  let text = ""
  const all: Array<SqlParams[number]> = []
  for (const { sql, params } of parts) {
    text += text === "" ? sql : separator + sql
    all.push(...params)
  }
  return { sql: text, params: all }
}

/** A place in an order, and the condition that holds for what is behind it. */
interface Start {
  readonly created: bigint
  readonly behind: SqlText
}

/** The conditions of a walk's two ends. Of two upper bounds only the lower one is asked for: an index is sought by one. */
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

/** The conditions of a filter that are no bounds of a walk. */
export const filtered = (
  { instanceId, datastore }: BackupFilter,
  statuses: ReadonlyArray<string>
): ReadonlyArray<SqlText> => [
  ...(instanceId === undefined ? [] : [condition("instance_id = ?", instanceId)]),
  ...(datastore === undefined ? [] : [condition("datastore = ?", foldDatastore(datastore))]),
  ...(statuses.length === 0 ? [] : [condition(`status IN (${statuses.map(() => "?").join(", ")})`, ...statuses)])
]
