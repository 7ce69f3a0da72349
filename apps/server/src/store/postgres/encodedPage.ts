import type { BackupId, Instant, Position } from "@backup-catalog/core"
import type { EncodedPage, Slice } from "@backup-catalog/core/store"
import { Effect } from "effect"
import type { SqlText } from "../SqlText.ts"
import { numbered, type Queries } from "./PostgresQueries.ts"
import { sliceSql } from "./sliceSql.ts"

/** Some of the records that were found, in their order: those of the page, and in the last row the one behind it. */
interface PartRow {
  readonly records: string | null
  readonly count: number | null
  /** The position of the last record of the page, in the row that has it. */
  readonly created: bigint | null
  readonly id: BackupId | null
  readonly version: bigint | null
}

/**
 * Up to this many records are one text, more are parts of so many: what is above 128 kB is given memory anew each
 * time, by PostgreSQL and by V8 (docs/performance-steps.md).
 */
const PART = 100

// No record has a line break in it.
const BETWEEN = ",\n"

/**
 * Texts of up to so many characters are sent as they are, longer ones as bytes, which a socket takes without a copy.
 */
const SHORT = 32_768

const ORDER = "ORDER BY created DESC, id DESC"

const VERSION = "(SELECT version FROM accounts WHERE account = ?) AS version"

const oneText = (page: string, limit: number) => `
  SELECT string_agg(record, E',\\n' ${ORDER}) AS records, count(*)::int AS count,
    (array_agg(created ${ORDER}))[${limit}] AS created, (array_agg(id ${ORDER}))[${limit}] AS id, ${VERSION}
  FROM (${page}) AS page`

// An empty page has a version as well, hence the row that everything is joined to.
const parts = (page: string, limit: number) => `
  SELECT parts.*, ${VERSION} FROM (VALUES (1)) AS always LEFT JOIN (
    SELECT (n - 1) / ${PART} AS part, string_agg(record, E',\\n' ORDER BY n) AS records, count(*)::int AS count,
      max(created) FILTER (WHERE n = ${limit}) AS created, max(id) FILTER (WHERE n = ${limit}) AS id
    FROM (SELECT *, row_number() OVER (${ORDER}) AS n FROM (${page}) AS page) AS numbered
    GROUP BY (n - 1) / ${PART}
  ) AS parts ON true ORDER BY part`

const pageSql = ({ sql, params }: SqlText, { limit, account }: Slice): SqlText =>
  numbered({ sql: (limit <= PART ? oneText : parts)(sql, limit), params: [account, ...params] })

// The last of these is the record behind the page.
const withoutLast = (texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [last = "", before] = [texts.at(-1), texts.slice(0, -1)]
  const end = last.lastIndexOf(BETWEEN)
  return end < 0 ? before : [...before, last.slice(0, end)]
}

const joined = (texts: ReadonlyArray<string>): string | Uint8Array => {
  const [first = "", ...others] = texts
  if (others.length === 0 && first.length <= SHORT) return first
  const length = others.reduce((sum, text) => sum + BETWEEN.length + Buffer.byteLength(text), Buffer.byteLength(first))
  const bytes = Buffer.allocUnsafe(length)
  let end = bytes.write(first)
  for (const text of others) {
    end += bytes.write(BETWEEN, end)
    end += bytes.write(text, end)
  }
  return bytes
}

const endOf = (rows: ReadonlyArray<PartRow>): Position | undefined => {
  const { created, id } = rows.find((row) => row.id !== null) ?? {}
  return created == null || id == null ? undefined : { created: created as Instant, id }
}

/**
 * A slice as it travels, in one statement: its records joined by PostgreSQL, its end, and the version that it is of.
 */
export const encodedPage = (queries: Queries, slice: Slice) => {
  const { sql, params } = pageSql(sliceSql("created, id, record", { ...slice, limit: slice.limit + 1 }), slice)
  return Effect.map(queries.all<PartRow>(sql, params), (rows): EncodedPage => {
    const texts = rows.flatMap(({ records }) => records ?? [])
    const version = rows[0]?.version ?? 0n
    return rows.reduce((sum, { count }) => sum + (count ?? 0), 0) > slice.limit
      ? { records: joined(withoutLast(texts)), last: endOf(rows), version }
      : { records: joined(texts), last: undefined, version }
  })
}
