import type { AccountId, SourceName } from "@backup-catalog/core"
import { Effect, Option } from "effect"
import { type ImportRow, toImport } from "../imports/importRows.ts"
import { ABOVE_ALL } from "../positions.ts"
import type { PostgresQueries } from "./PostgresQueries.ts"

/** The present in milliseconds, by the one clock that all servers of the store share. */
export const NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

/**
 * The imports of an account; takes the account, and for how many milliseconds nothing may be heard of one that runs.
 */
export const IMPORT = `
  SELECT imports.number, imports.id, sources.name AS source, mode, status, started, finished, created, updated,
    unchanged, retired, rejected, orphaned, message,
    sources.running IS NOT DISTINCT FROM imports.number
      AND sources.heard BETWEEN ${NOW} - $2::bigint AND ${NOW} + $2::bigint AS held
  FROM imports JOIN sources ON sources.account = $1 AND sources.number = imports.source
  WHERE imports.account = $1`

/** The imports of accounts, of which nothing may have been heard for so many milliseconds while they run. */
export const makePastImports = ({ all, first }: typeof PostgresQueries.Service, lease: number) => {
  const list = (account: AccountId, source: SourceName | undefined, after: bigint | undefined, limit: number) => {
    const of =
      source === undefined ? "" : "AND imports.source = (SELECT number FROM sources WHERE account = $1 AND name = $4)"
    return Effect.map(
      all<ImportRow>(`${IMPORT} AND imports.number < $3 ${of} ORDER BY imports.number DESC LIMIT ${limit + 1}`, [
        account,
        lease,
        after ?? ABOVE_ALL,
        ...(source === undefined ? [] : [source])
      ]),
      (found) => {
        const shown = found.slice(0, limit)
        return { imports: shown.map(toImport), next: found.length > limit ? shown.at(-1)?.number : undefined }
      }
    )
  }

  const numberOf = (account: AccountId, id: string) =>
    Effect.map(
      first<{ number: bigint }>("SELECT number FROM imports WHERE account = $1 AND id = $2", [account, id]),
      (row) => Option.map(Option.fromNullable(row), ({ number }) => number)
    )

  const get = (account: AccountId, id: string) =>
    Effect.map(first<ImportRow>(`${IMPORT} AND imports.id = $3`, [account, lease, id]), (row) =>
      Option.map(Option.fromNullable(row), toImport)
    )

  return { list, numberOf, get }
}
