import type { AccountId } from "@backup-catalog/core"
import { Effect, Layer } from "effect"
import { KEPT_IMPORTS } from "../imports/ImportStatements.ts"
import { EVENTS_PER_STEP, type ForgottenRow, makePruning, type PrunedEventRow, Pruning } from "../Pruning.ts"
import { SqliteReader } from "./SqliteReader.ts"
import { makeTransactions, type TransactionNeeds } from "./transactions.ts"

// Coverage says by the newest retired one what its instance is, and by that which policy it has.
const TELLS_DATASTORE = `
  gone.datastore IS NOT NULL
  AND EXISTS (SELECT 1 FROM instances WHERE account = entry.account AND instances.instance_id = gone.instance_id)
  AND NOT EXISTS (
    SELECT 1 FROM retired AS newer INDEXED BY retired_by_instance
    WHERE newer.account = entry.account AND newer.instance_id = gone.instance_id
      AND (newer.created, newer.id) > (gone.created, gone.id) AND newer.datastore IS NOT NULL)`

/** What becomes of the backups of rows that have an `account`, an `id` and the time `before`. */
const fates = (rows: string) => `
  SELECT entry.*, gone.id IS NOT NULL AS retired,
    NOT EXISTS (SELECT 1 FROM backups WHERE account = entry.account AND backups.id = entry.id)
    AND CASE WHEN gone.id IS NOT NULL THEN gone.retired < before AND NOT (${TELLS_DATASTORE})
      ELSE (SELECT max(at) FROM events WHERE account = entry.account AND events.id = entry.id) < before END AS forgotten
  FROM (${rows}) AS entry LEFT JOIN retired AS gone ON gone.account = entry.account AND gone.id = entry.id`

/** The events of an account behind a place, with what becomes of their backups. */
export const eventsSql = `${fates(`
    SELECT account, id, at, number, import, ? AS before FROM events WHERE account = ? AND (id, at, number) > (?, ?, ?)
    ORDER BY id, at, number LIMIT ${EVENTS_PER_STEP}`)} ORDER BY entry.id, entry.at, entry.number`

/** What becomes of some backups of an account. */
export const fatesSql = fates("SELECT ? AS before, ? AS account, value AS id FROM json_each(?)")

const PAST_IMPORTS = `
  SELECT imports.number FROM sources CROSS JOIN imports INDEXED BY imports_by_source
    ON imports.source = sources.number AND imports.number < (
      SELECT number FROM imports AS later WHERE later.source = sources.number
      ORDER BY number DESC LIMIT 1 OFFSET ${KEPT_IMPORTS - 1})
  WHERE sources.account = ? AND finished < ?`

const IMPORTS_OF_ORIGINS = `
  SELECT DISTINCT origins.import FROM sources CROSS JOIN origins ON origins.source = sources.number
  WHERE sources.account = ?`

// Without the index SQLite walks all that the account has retired.
/** What forgets some backups; each takes account and the ids as JSON. */
export const FORGET: ReadonlyArray<string> = ["retired INDEXED BY retired_by_id", "events"].map(
  (table) => `DELETE FROM ${table} WHERE account = ? AND id IN (SELECT value FROM json_each(?))`
)

/** Forgets what has long been gone from an SQLite store. */
export const layer: Layer.Layer<Pruning, never, TransactionNeeds | SqliteReader> = Layer.effect(
  Pruning,
  Effect.gen(function* () {
    const reader = yield* SqliteReader
    const { rows, run, transaction, raiseVersion } = yield* makeTransactions
    return makePruning({
      transaction: (name, _, write) => transaction(name, write),
      raiseVersion,
      accounts: reader.read((sql) => sql.column<AccountId>("SELECT account FROM accounts ORDER BY account", [])),
      eventsBehind: (account, before, { id, at, number }) =>
        reader.read((sql) => sql.all<PrunedEventRow>(eventsSql, [before, account, id, at, number])),
      fatesOf: (account, before, ids) => rows<ForgottenRow>(fatesSql, [before, account, JSON.stringify(ids)]),
      forget: (account, ids) =>
        Effect.forEach(FORGET, (sql) => run(sql, [account, JSON.stringify(ids)]), { discard: true }),
      pastImports: (account, before) => reader.read((sql) => sql.column<bigint>(PAST_IMPORTS, [account, before])),
      importsOfOrigins: (account) => reader.read((sql) => sql.column<bigint>(IMPORTS_OF_ORIGINS, [account])),
      forgetImports: (account, imports) =>
        run("DELETE FROM imports WHERE account = ? AND number IN (SELECT value FROM json_each(?))", [
          account,
          JSON.stringify(imports.map(Number))
        ])
    })
  })
)
