import { Effect, Layer } from "effect"
import { Tokens } from "../../auth/Tokens.ts"
import { type TokenRow, toTokenRecord } from "../tokenRows.ts"
import { PostgresQueries } from "./PostgresQueries.ts"

const FIND = "SELECT hash, account, role, created, expires FROM tokens WHERE hash = $1"
const LIST = "SELECT hash, account, role, created, expires FROM tokens ORDER BY created, hash"

const PUT = `
  INSERT INTO tokens (hash, account, role, created, expires) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (hash) DO UPDATE SET account = excluded.account, role = excluded.role, created = excluded.created,
    expires = excluded.expires`

const REMOVE = "DELETE FROM tokens WHERE hash = $1 RETURNING account"

/** Tokens in the PostgreSQL store. */
export const layer: Layer.Layer<Tokens, never, PostgresQueries> = Layer.effect(
  Tokens,
  Effect.map(PostgresQueries, ({ all, first }) =>
    Tokens.of({
      find: (hash) =>
        Effect.flatMap(first<TokenRow>(FIND, [hash]), (row) =>
          row === undefined ? Effect.succeed(undefined) : toTokenRecord(row)
        ),
      list: Effect.flatMap(all<TokenRow>(LIST, []), (rows) => Effect.forEach(rows, toTokenRecord)),
      put: ({ hash, account, role, created, expires }) =>
        Effect.asVoid(all(PUT, [hash, account, role, created, expires ?? null])),
      remove: (hash) => Effect.map(first(REMOVE, [hash]), (row) => row !== undefined)
    })
  )
)
