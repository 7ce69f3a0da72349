import { SqlClient } from "@effect/sql"
import { Effect, Layer } from "effect"
import { Tokens } from "../Tokens.ts"
import { type TokenRow, toTokenRecord } from "../tokenRows.ts"
import { SqliteReader } from "./SqliteReader.ts"
import { unavailable } from "./storeFailure.ts"

const FIND = "SELECT hash, account, role, created, expires FROM tokens WHERE hash = ?"
const LIST = "SELECT hash, account, role, created, expires FROM tokens ORDER BY created, hash"

/** Tokens in the SQLite store. */
export const layer: Layer.Layer<Tokens, never, SqlClient.SqlClient | SqliteReader> = Layer.effect(
  Tokens,
  Effect.gen(function* () {
    const reader = yield* SqliteReader
    const sql = yield* SqlClient.SqlClient
    return Tokens.of({
      find: (hash) =>
        Effect.flatMap(
          reader.read((reads) => reads.get<TokenRow>(FIND, [hash])),
          (row) => (row === undefined ? Effect.succeed(undefined) : toTokenRecord(row))
        ),
      list: Effect.flatMap(
        reader.read((reads) => reads.all<TokenRow>(LIST, [])),
        (rows) => Effect.forEach(rows, toTokenRecord)
      ),
      put: ({ hash, account, role, created, expires }) =>
        Effect.asVoid(
          unavailable(
            sql`INSERT OR REPLACE INTO tokens ${sql.insert({ hash, account, role, created, expires: expires ?? null })}`
          )
        ),
      remove: (hash) =>
        unavailable(
          Effect.map(sql`DELETE FROM tokens WHERE hash = ${hash} RETURNING account`, (rows) => rows.length > 0)
        )
    })
  })
)
