import { AccountId, type Instant } from "@backup-catalog/core"
import { Role } from "@backup-catalog/core/http"
import { SqlClient } from "@effect/sql"
import { Effect, Layer, Schema } from "effect"
import { type TokenRecord, Tokens } from "../../auth/Tokens.ts"
import { SqliteReader } from "./SqliteReader.ts"
import { unavailable } from "./storeFailure.ts"

interface TokenRow {
  readonly hash: Buffer
  readonly account: string
  readonly role: string
  readonly created: bigint
  readonly expires: bigint | null
}

const isAccount = Schema.is(AccountId)
const isRole = Schema.is(Role)

const toRecord = ({ hash, account, role, created, expires }: TokenRow): Effect.Effect<TokenRecord> =>
  isAccount(account) && isRole(role)
    ? Effect.succeed({
        hash,
        account,
        role,
        created: created as Instant,
        expires: expires === null ? undefined : (expires as Instant)
      })
    : Effect.dieMessage("a token in the store has an account or a role that cannot be")

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
          (row) => (row === undefined ? Effect.succeed(undefined) : toRecord(row))
        ),
      list: Effect.flatMap(
        reader.read((reads) => reads.all<TokenRow>(LIST, [])),
        (rows) => Effect.forEach(rows, toRecord)
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
