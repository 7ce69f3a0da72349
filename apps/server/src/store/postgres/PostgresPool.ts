import { Socket } from "node:net"
import { StoreUnavailable } from "@backup-catalog/core/store"
import { Context, Effect, Redacted, type Scope } from "effect"
import Pg from "pg"
import type { PostgresLimits } from "./PostgresLimits.ts"
import { type MaybeOfStandby, STANDBY, STANDBY_REASON } from "./primary.ts"

/** How long a connection may take to come about or to become free, in milliseconds. */
const CONNECT_TIMEOUT = 5000

/** How much later than PostgreSQL itself the driver gives a statement up, in milliseconds. */
const GRACE = 5000

// A page is walked in the order of an index. By its own default (4) PostgreSQL takes it for cheaper to sort the whole
// account where it believes that this has no more than the page, as of an account that has grown since its statistics.
const PLANNER = "-c random_page_cost=1.1"

const INT8 = 20

// A microsecond must not be rounded.
const types = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === INT8 ? BigInt : Pg.types.getTypeParser(oid, format)
}

// A server that vanished without a word would be waited for as long as TCP likes to try.
const guardedSocket = (timeout: number) => () => {
  const socket = new Socket()
  return socket.setTimeout(timeout, () => socket.destroy(new Error("the connection to PostgreSQL fell silent")))
}

/** The connections to PostgreSQL that all statements share, and who may still wait for one. */
export class PostgresPool extends Context.Tag("@backup-catalog/server/PostgresPool")<
  PostgresPool,
  {
    readonly pool: Pg.Pool
    readonly limits: PostgresLimits
    /** How long nothing may come of a transaction before PostgreSQL undoes it, in milliseconds. */
    readonly idleInTransaction: number
    /** Fails at once when all connections are in use, and as many wait for one as may. */
    readonly admit: Effect.Effect<void, StoreUnavailable>
  }
>() {}

// A server becomes a standby only by a restart, which ends its connections.
const mustBePrimary = async (client: Pg.Client): Promise<void> => {
  const { rows } = await client.query<MaybeOfStandby>(`SELECT ${STANDBY}`)
  if (rows[0]?.standby) throw new Error(STANDBY_REASON)
}

interface PoolConfig extends Pg.PoolConfig {
  /** Runs on each new connection, which is given up where it fails; the types of the driver lack it. */
  readonly onConnect?: (client: Pg.Client) => Promise<void>
}

/**
 * Connections to the server of a URL, made as they are needed, closed with the scope; none to a standby unless told so.
 */
export const makePool = (
  url: Redacted.Redacted,
  limits: PostgresLimits,
  mayBeStandby = false
): Effect.Effect<typeof PostgresPool.Service, never, Scope.Scope> => {
  const idleInTransaction = limits.timeout + GRACE
  return Effect.acquireRelease(
    Effect.sync(() => {
      const config: PoolConfig = {
        connectionString: Redacted.value(url),
        application_name: "backup-catalog",
        max: limits.connections,
        connectionTimeoutMillis: CONNECT_TIMEOUT,
        idleTimeoutMillis: limits.timeout,
        // The driver takes these in place of PGOPTIONS; what comes last holds.
        options: `${PLANNER} ${process.env.PGOPTIONS ?? ""}`.trimEnd(),
        statement_timeout: limits.timeout,
        idle_in_transaction_session_timeout: idleInTransaction,
        stream: guardedSocket(limits.timeout + GRACE),
        types,
        ...(mayBeStandby ? {} : { onConnect: mustBePrimary })
      }
      const pool = new Pg.Pool(config)
      // A connection that breaks while nobody uses it: the next statement gets another one.
      pool.on("error", () => {})
      return pool
    }),
    (pool) => Effect.promise(() => pool.end())
  ).pipe(
    Effect.map((pool) =>
      PostgresPool.of({
        pool,
        limits,
        idleInTransaction,
        admit: Effect.suspend(() => {
          // One that is being made is in use: whoever asked for it gets it.
          const used = pool.totalCount - pool.idleCount
          return used + pool.waitingCount < limits.connections + limits.queue
            ? Effect.void
            : new StoreUnavailable({
                cause: new Error(
                  `all ${limits.connections} connections are in use, and ${limits.queue} statements wait for one`
                )
              })
        })
      })
    )
  )
}
