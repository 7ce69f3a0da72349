import { Effect, FiberRef, Layer } from "effect"
import { Tokens } from "../../auth/Tokens.ts"
import { type TokenRow, toTokenRecord } from "../tokenRows.ts"
import { checkedVersion } from "./checkedVersion.ts"
import { PostgresQueries } from "./PostgresQueries.ts"
import { type MaybeOfStandby, refuseStandby, STANDBY } from "./primary.ts"

// A row also of a token that is not there: a standby may not have it yet.
const FIND = `
  SELECT hash, account, role, created, expires,
    (SELECT version FROM accounts WHERE accounts.account = tokens.account) AS version, ${STANDBY}
  FROM (VALUES (1)) AS always LEFT JOIN tokens ON hash = $1`

interface FoundRow extends MaybeOfStandby {
  readonly version: bigint | null
}

type NoToken = { readonly hash: null }

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
    const { all, first } = yield* PostgresQueries

    /** In the same round trip, the version that a page which is remembered, or a replica's, is compared with. */
    const find = Effect.fnUntraced(function* (hash: Buffer) {
      const row = yield* first<FoundRow & (TokenRow | NoToken)>(FIND, [hash])
      yield* refuseStandby(row)
      if (row === undefined || row.hash === null) return undefined
      const record = yield* toTokenRecord(row)
      yield* FiberRef.set(checkedVersion, { account: record.account, version: row.version ?? 0n })
      return record
    })

    return Tokens.of({
      find,
      list: Effect.flatMap(all<TokenRow>(LIST, []), (rows) => Effect.forEach(rows, toTokenRecord)),
      put: ({ hash, account, role, created, expires }) =>
        Effect.asVoid(all(PUT, [hash, account, role, created, expires ?? null])),
      remove: (hash) => Effect.map(first(REMOVE, [hash]), (row) => row !== undefined)
    })
  })
)
