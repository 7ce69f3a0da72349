import { Effect, FiberRef, Layer } from "effect"
import { Tokens } from "../Tokens.ts"
import { type TokenRow, toTokenRecord } from "../tokenRows.ts"
import { checkedVersion } from "./checkedVersion.ts"
import { PostgresQueries } from "./PostgresQueries.ts"

const FIND = `
  SELECT hash, account, role, created, expires,
    (SELECT version FROM accounts WHERE accounts.account = tokens.account) AS version
  FROM tokens WHERE hash = $1`

interface FoundRow extends TokenRow {
  readonly version: bigint | null
}

const LIST = "SELECT hash, account, role, created, expires FROM tokens ORDER BY created, hash"

const PUT = `
  INSERT INTO tokens (hash, account, role, created, expires) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (hash) DO UPDATE SET account = excluded.account, role = excluded.role, created = excluded.created,
    expires = excluded.expires`

const REMOVE = "DELETE FROM tokens WHERE hash = $1 RETURNING account"

/** Tokens in the PostgreSQL store. */
export const layer: Layer.Layer<Tokens, never, PostgresQueries> = Layer.effect(
  Tokens,
  Effect.gen(function* () {
    const { all, first, write } = yield* PostgresQueries

    /** In the same round trip, the version that a page which is remembered, or a replica's, is compared with. */
    const find = Effect.fnUntraced(function* (hash: Buffer) {
      const row = yield* first<FoundRow>(FIND, [hash])
      if (row === undefined) return undefined
      const record = yield* toTokenRecord(row)
      yield* FiberRef.set(checkedVersion, { account: record.account, version: row.version ?? 0n })
      return record
    })

    return Tokens.of({
      find,
      list: Effect.flatMap(all<TokenRow>(LIST, []), (rows) => Effect.forEach(rows, toTokenRecord)),
      put: ({ hash, account, role, created, expires }) =>
        Effect.asVoid(write(PUT, [hash, account, role, created, expires ?? null])),
      remove: (hash) => Effect.map(write(REMOVE, [hash]), (removed) => removed.length > 0)
    })
  })
)
