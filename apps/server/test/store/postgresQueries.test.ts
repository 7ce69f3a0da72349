import { Effect, Logger, Redacted } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import { defaultLimits } from "../../src/store/postgres/PostgresLimits.ts"
import { makePool } from "../../src/store/postgres/PostgresPool.ts"
import { makeQueries } from "../../src/store/postgres/PostgresQueries.ts"
import { emptyDatabase } from "../support/postgres.ts"

const ONE = "SELECT $1::int AS one"
const OTHER = "SELECT $1::int + 100 AS one"

type Pool = Effect.Effect.Success<ReturnType<typeof makePool>>

/** Does something over one connection; gives what was logged. */
const over = async (work: (pool: Pool) => Effect.Effect<void, unknown>): Promise<ReadonlyArray<string>> => {
  const url = await emptyDatabase(onTestFinished)
  const log: Array<string> = []
  const logger = Logger.make(({ message }) => log.push(String(message)))
  await Effect.runPromise(
    Effect.flatMap(makePool(Redacted.make(url), { ...defaultLimits, connections: 1 }), work).pipe(
      Effect.scoped,
      Effect.provide(Logger.replace(Logger.defaultLogger, logger))
    )
  )
  return log
}

const answers = (queries: ReturnType<typeof makeQueries>, sql: string, wanted: number) =>
  Effect.map(queries.first<{ one: number }>(sql, [1]), (row) => assert.deepStrictEqual(row, { one: wanted }))

const NAMES = "SELECT name FROM pg_prepared_statements"

describe("prepared statements", () => {
  it("have one name in all processes, however they get to it, and within what PostgreSQL keeps of a name", async () => {
    await over((pool) =>
      Effect.gen(function* () {
        const [here, there] = [makeQueries(pool), makeQueries(pool)]
        yield* answers(here, ONE, 1)
        yield* answers(here, OTHER, 101)
        yield* answers(there, OTHER, 101)
        yield* answers(there, ONE, 1)
        const { rows } = yield* Effect.promise(() => pool.pool.query<{ name: string }>(NAMES))
        assert.lengthOf(rows, 2)
        for (const { name } of rows) assert.isAtMost(name.length, 63)
      })
    )
  })

  it.each([
    ["is not there any more", "DEALLOCATE ALL"],
    ["another process has made", "another"]
  ])("are done without, and that is said once, where one %s", async (_, how) => {
    const log = await over((pool) =>
      Effect.gen(function* () {
        const queries = makeQueries(pool)
        if (how === "another") {
          yield* answers(makeQueries(pool), ONE, 1)
          yield* Effect.promise(async () => {
            const client = await pool.pool.connect()
            // As behind a pooler: the connection has the statement, and who asks has not made it.
            Object.assign((client as unknown as { connection: { parsedStatements: object } }).connection, {
              parsedStatements: {}
            })
            client.release()
          })
        } else {
          yield* answers(queries, ONE, 1)
          yield* Effect.promise(() => pool.pool.query(how))
        }
        yield* answers(queries, ONE, 1)
        yield* answers(queries, OTHER, 101)
        const { rows } = yield* Effect.promise(() => pool.pool.query<{ name: string }>(NAMES))
        assert.isAtMost(rows.length, 1)
      })
    )
    assert.lengthOf(log, 1)
    assert.include(log[0], "--store-prepare off")
  })
})
