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

/** A text that pieces of SQL were joined to, and what further pieces make of it. */
interface Joined {
  readonly text: string
  readonly further: Map<string, Joined>
}

/** How many texts are kept; the statements of lists have some hundreds, in PostgreSQL each for every limit. */
const MAX_JOINED = 10_000

/** The texts that there have been, by their separator. */
const joined = new Map<string, Joined>()
let count = 0

const joinedTo = ({ text, further }: Joined, sql: string, separator: string): Joined => {
  const known = further.get(sql)
  if (known !== undefined) return known
  const longer = { text: text === "" ? sql : text + separator + sql, further: new Map() }
  further.set(sql, longer)
  count += 1
  return longer
}

/**
 * Several pieces of SQL as one. The same pieces give the same text in memory: who looks a statement up by a text that was
 * just put together has all of it looked at, which takes as long as a short read.
 */
export const join = (parts: ReadonlyArray<SqlText>, separator: string): SqlText => {
  if (count >= MAX_JOINED) {
    joined.clear()
    count = 0
  }
  let text = joined.get(separator)
  if (text === undefined) {
    text = { text: "", further: new Map() }
    joined.set(separator, text)
  }
  const all: Array<SqlParams[number]> = []
  for (const { sql, params } of parts) {
    text = joinedTo(text, sql, separator)
    for (const param of params) all.push(param)
  }
  return { sql: text.text, params: all }
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
