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
 * Several pieces of SQL as one. The same pieces give the same text in memory: who looks a statement up by a text that
 * was just put together has all of it looked at, which takes as long as a short read.
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
