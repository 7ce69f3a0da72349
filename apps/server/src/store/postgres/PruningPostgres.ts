import type { AccountId } from "@backup-catalog/core"
import { Effect, Layer } from "effect"
import { KEPT_IMPORTS } from "../imports/ImportStatements.ts"
import { EVENTS_PER_STEP, type ForgottenRow, makePruning, type PrunedEventRow, Pruning } from "../Pruning.ts"
import type { SqlParams } from "../SqlText.ts"
import { PostgresQueries } from "./PostgresQueries.ts"
import { rowById } from "./rowById.ts"
import { bigints, texts } from "./storable.ts"
import { makeTransactions, type TransactionNeeds } from "./transactions.ts"

// Coverage says by the newest retired one what its instance is, and by that which policy it has.
const TELLS_DATASTORE = `
  gone.datastore IS NOT NULL
  AND (SELECT 1 FROM instances WHERE account = $1 AND instances.instance_id = gone.instance_id) IS NOT NULL
  AND (SELECT 1 FROM retired AS newer WHERE newer.account = $1 AND newer.instance_id = gone.instance_id
    AND (newer.created, newer.id) > (gone.created, gone.id) AND newer.datastore IS NOT NULL
    ORDER BY newer.created, newer.id LIMIT 1) IS NULL`

/** What becomes of the backups of rows that have an `id`; each by its key, whatever the statistics say. */
const fates = (rows: string) => `
  SELECT entry.*, gone.id IS NOT NULL AS retired,
    (${rowById("1", "backups", "entry.id")}) IS NULL
    AND CASE WHEN gone.id IS NOT NULL THEN gone.retired < $2::bigint AND NOT (${TELLS_DATASTORE})
      ELSE $2::bigint > (
        SELECT at FROM events WHERE account = $1 AND events.id = entry.id ORDER BY at DESC, number DESC LIMIT 1
      ) END AS forgotten
  FROM (${rows}) AS entry LEFT JOIN LATERAL (
    ${rowById("id, created, instance_id, datastore, retired.retired", "retired", "entry.id")}
  ) AS gone ON true`

/** The events of an account behind a place, with what becomes of their backups. */
export const eventsSql = `${fates(`
    SELECT id, at, number, import FROM events
    WHERE account = $1 AND (id, at, number) > ($3::text COLLATE "C", $4::bigint, $5::bigint)
    ORDER BY id, at, number LIMIT ${EVENTS_PER_STEP}`)} ORDER BY entry.id, entry.at, entry.number`

/** What becomes of some backups of an account. */
export const fatesSql = fates(`SELECT given.id COLLATE "C" AS id FROM unnest($3::text[]) AS given (id)`)

const PAST_IMPORTS = `
  SELECT imports.number FROM sources
  CROSS JOIN LATERAL (
    SELECT number FROM imports WHERE account = $1 AND source = sources.number
    ORDER BY number DESC LIMIT 1 OFFSET ${KEPT_IMPORTS - 1}
  ) AS kept
  JOIN imports ON imports.account = $1 AND imports.source = sources.number AND imports.number < kept.number
  WHERE sources.account = $1 AND finished < $2`

const IMPORTS_OF_ORIGINS = "SELECT DISTINCT import AS number FROM origins WHERE account = $1"

/** Forgets what has long been gone from a PostgreSQL store. */
export const layer: Layer.Layer<Pruning, never, TransactionNeeds | PostgresQueries> = Layer.effect(
  Pruning,
  Effect.gen(function* () {
    const { all } = yield* PostgresQueries
    const { rows, run, transaction, raiseVersion } = yield* makeTransactions

    const numbers = (sql: string, params: SqlParams) =>
      Effect.map(all<{ number: bigint }>(sql, params), (found) => found.map(({ number }) => number))
    return makePruning({
      transaction,
      raiseVersion,
      accounts: Effect.map(all<{ account: AccountId }>("SELECT account FROM accounts ORDER BY account", []), (found) =>
        found.map(({ account }) => account)
      ),
      eventsBehind: (account, before, { id, at, number }) =>
        all<PrunedEventRow>(eventsSql, [account, before, id, at, number]),
      fatesOf: (account, before, ids) => rows<ForgottenRow>(fatesSql, [account, before, texts(ids)]),
      forget: (account, ids) =>
        Effect.forEach(
          ["retired", "events"],
          (table) => run(`DELETE FROM ${table} WHERE account = $1 AND id = ANY($2::text[])`, [account, texts(ids)]),
          { discard: true }
        ),
      pastImports: (account, before) => numbers(PAST_IMPORTS, [account, before]),
      importsOfOrigins: (account) => numbers(IMPORTS_OF_ORIGINS, [account]),
      forgetImports: (account, imports) =>
        run("DELETE FROM imports WHERE account = $1 AND number = ANY($2::bigint[])", [account, bigints(imports)])
    })
  })
)
