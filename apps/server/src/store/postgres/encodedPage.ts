import type { BackupId, EncodedPage, Instant, Slice } from "@backup-catalog/core"
import { Effect } from "effect"
import { numbered, type PostgresQueries } from "./PostgresQueries.ts"
import { sliceSql } from "./sliceSql.ts"

interface PageRow {
  /** The records of the page, and the one behind it where there is one. */
  readonly records: string | null
  readonly count: number
  /** The position of the last record of the page, when it is full. */
  readonly created: bigint | null
  readonly id: BackupId | null
  readonly version: bigint | null
}

// No record has a line break in it.
const BETWEEN = ",\n"

/** Texts of up to so many characters are sent as they are, longer ones as bytes, which a socket takes without a copy. */
const SHORT = 32_768

const asSent = (records: string) => (records.length <= SHORT ? records : Buffer.from(records))

const ORDER = "ORDER BY created DESC, id DESC"

/** A slice as it travels, in one statement: its records joined by PostgreSQL, its end, and the version that it is of. */
export const encodedPage = (queries: typeof PostgresQueries.Service, slice: Slice) => {
  const { limit, account } = slice
  const rows = sliceSql("created, id, record", { ...slice, limit: limit + 1 })
  const { sql, params } = numbered({
    sql: `
      SELECT string_agg(record, E',\\n' ${ORDER}) AS records, count(*)::int AS count,
        (array_agg(created ${ORDER}))[${limit}] AS created, (array_agg(id ${ORDER}))[${limit}] AS id,
        (SELECT version FROM accounts WHERE account = ?) AS version
      FROM (${rows.sql}) AS page`,
    params: [account, ...rows.params]
  })
  return Effect.map(queries.first<PageRow>(sql, params), (row): EncodedPage => {
    const [records, version] = [row?.records ?? "", row?.version ?? 0n]
    if (row === undefined || row.count <= limit || row.created === null || row.id === null) {
      return { records: asSent(records), last: undefined, version }
    }
    const last = { created: row.created as Instant, id: row.id }
    return { records: asSent(records.slice(0, records.lastIndexOf(BETWEEN))), last, version }
  })
}
