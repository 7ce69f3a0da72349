import type { AccountId, SourceName } from "@backup-catalog/core"
import { Clock, Effect, Option } from "effect"
import { type ImportRow, toImport } from "../imports/importRows.ts"
import { ABOVE_ALL } from "../positions.ts"
import { LIMIT } from "./limit.ts"
import type { SqliteReader, SqlReads } from "./SqliteReader.ts"

const importsFrom = (from: string) => `
  SELECT imports.number, imports.id, sources.name AS source, mode, status, started, finished, created, updated,
    unchanged, retired, rejected, orphaned, message,
    sources.running IS imports.number AND sources.heard BETWEEN ? AND ? AS held
  FROM ${from} ON sources.number = imports.source`

/** An import; takes between which times its source must have been heard of. */
export const IMPORTS = importsFrom("imports CROSS JOIN sources")

/** The imports of accounts, of which nothing may have been heard for so many milliseconds while they run. */
export const makePastImports = (reader: typeof SqliteReader.Service, lease: number) => {
  const read = <A>(reads: (sql: SqlReads, heard: readonly [since: bigint, until: bigint]) => A) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      reader.snapshot((sql) => reads(sql, [BigInt(now - lease), BigInt(now + lease)]))
    )

  const list = (account: AccountId, source: SourceName | undefined, after: bigint | undefined, limit: number) =>
    read((sql, heard) => {
      const [from, of, params] =
        source === undefined
          ? ["imports INDEXED BY imports_by_account CROSS JOIN sources", "imports.account = ?", [account]]
          : [
              "sources CROSS JOIN imports INDEXED BY imports_by_source",
              "sources.account = ? AND sources.name = ?",
              [account, source]
            ]
      const found = sql.all<ImportRow>(
        `${importsFrom(from)} WHERE ${of} AND imports.number < ?
         ORDER BY imports.number DESC ${LIMIT}`,
        [...heard, ...params, after ?? ABOVE_ALL, limit + 1]
      )
      const shown = found.slice(0, limit)
      return { imports: shown.map(toImport), next: found.length > limit ? shown.at(-1)?.number : undefined }
    })

  const numberOf = (account: AccountId, id: string) =>
    reader.read((sql) =>
      Option.fromNullable(sql.value<bigint>("SELECT number FROM imports WHERE account = ? AND id = ?", [account, id]))
    )

  const get = (account: AccountId, id: string) =>
    read((sql, heard) =>
      Option.map(
        Option.fromNullable(
          sql.get<ImportRow>(`${IMPORTS} WHERE imports.account = ? AND imports.id = ?`, [...heard, account, id])
        ),
        toImport
      )
    )

  return { list, numberOf, get }
}
