import { readFileSync } from "node:fs"
import { Worker } from "node:worker_threads"
import { SqlError } from "@effect/sql"
import { Effect, Exit, FiberRef, Layer } from "effect"
import type { SqlParams } from "../SqlText.ts"
import { Turn } from "../Turn.ts"
import { placeholders, SqliteWriter } from "./SqliteWriter.ts"

// Up to so much is written before it is moved to where it belongs, and so much is held: many small moves cost more.
const BULK = { checkpointPages: 20_000, cacheKibibytes: 14_000 }

const PRAGMAS = [
  "synchronous = NORMAL",
  `wal_autocheckpoint = ${BULK.checkpointPages}`,
  `cache_size = -${BULK.cacheKibibytes}`,
  "busy_timeout = 0"
]

/** The most that the thread holds of what it is sent and sends, in MiB: the statements themselves are SQLite's. */
const YOUNG_MEBIBYTES = 3

// Read when the program starts: the file may be gone, or that of another version, by the time of the first import.
const MAIN = readFileSync(new URL("./sqliteThreadMain.cjs", import.meta.url), "utf8")

interface Answer {
  readonly rows?: ReadonlyArray<object>
  readonly failure?: { readonly message: string; readonly code: unknown }
}

type Rows = Effect.Effect<ReadonlyArray<object>, SqlError.SqlError>

/** A statement with its values, or with those of each of several runs of it. */
type Posted = { readonly text: string } & ({ readonly params: SqlParams } | { readonly many: ReadonlyArray<SqlParams> })

const failed = ({ message, code }: NonNullable<Answer["failure"]>) =>
  new SqlError.SqlError({ cause: Object.assign(new Error(message), { code }), message: "Failed to execute statement" })

const broken = (cause: unknown) => new SqlError.SqlError({ cause, message: "Failed to execute statement" })

const closed = new Error("the store is closed")

/** A thread with a connection, which is there from the first statement on. */
const makeThread = (path: string) => {
  // In the order of their statements, which is that of the answers.
  const waiting: Array<(result: Rows) => void> = []
  let thread: Worker | undefined
  let isClosed = false

  const failAll = (cause: unknown): void => {
    thread = undefined
    for (const resume of waiting.splice(0)) resume(broken(cause))
  }

  const start = (): Worker => {
    const worker = new Worker(MAIN, {
      eval: true,
      workerData: { path, pragmas: PRAGMAS, beside: import.meta.url },
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEBIBYTES }
    })
    worker.on("message", ({ rows = [], failure }: Answer) => {
      // Those that waited for it have been told, and others wait for the one in its place.
      if (thread !== worker) return
      const resume = waiting.shift()
      // It keeps the process from ending only while somebody waits for it.
      if (waiting.length === 0) worker.unref()
      resume?.(failure === undefined ? Effect.succeed(rows) : failed(failure))
    })
    // It could not open the store, or is out of memory; the next statement starts another one.
    worker.on("error", failAll)
    // After an error another one may have taken its place.
    worker.on("exit", () => {
      if (thread === worker) failAll(closed)
    })
    return worker
  }

  /** Runs a statement, of a transaction or by itself, and waits for what it gives. */
  const execute = (text: string, params: SqlParams, isPart: boolean): Rows =>
    Effect.async((resume) => {
      if (isClosed) return resume(broken(closed))
      thread ??= start()
      waiting.push(resume)
      thread.ref()
      thread.postMessage({ text, params, isPart, isAwaited: true })
    })

  /**
   * Has a statement of a transaction run before the next one; when it fails, so does what is behind it until
   * `ROLLBACK`.
   */
  const post = (request: Posted): Effect.Effect<void> =>
    Effect.sync(() => {
      if (isClosed) return
      thread ??= start()
      thread.postMessage({ ...request, isPart: true })
    })

  const stop = Effect.async<void>((resume) => {
    isClosed = true
    if (thread === undefined) return resume(Effect.void)
    thread.once("exit", () => resume(Effect.void))
    thread.ref()
    thread.postMessage("close")
  })

  return { execute, post, stop }
}

const make = (path: string) =>
  Effect.gen(function* () {
    const { execute, post } = yield* Effect.acquireRelease(
      Effect.sync(() => makeThread(path)),
      ({ stop }) => stop
    )
    const turn = new Turn()
    const within = FiberRef.unsafeMake(false)

    // What is no part of a transaction must not get into one that runs.
    const rows = <Row extends object>(text: string, params: SqlParams) =>
      Effect.flatMap(FiberRef.get(within), (isPart) => {
        const found = execute(text, params, isPart) as Effect.Effect<ReadonlyArray<Row>, SqlError.SqlError>
        return isPart ? found : turn.take(found)
      })

    const run = (text: string, params: SqlParams) =>
      Effect.flatMap(FiberRef.get(within), (isPart) =>
        isPart ? post({ text, params }) : turn.take(Effect.asVoid(execute(text, params, false)))
      )

    const roll = (way: "BEGIN" | "COMMIT" | "ROLLBACK") => execute(way, [], true)

    return SqliteWriter.of({
      rows,
      run,
      // Row by row: SQLite would keep a copy of every page that a statement for several of them changes.
      runMany: (statement, many) => {
        const [one] = many
        if (one === undefined) return Effect.void
        const request = { text: statement(placeholders(one)), many }
        return Effect.flatMap(FiberRef.get(within), (isPart) =>
          isPart ? post(request) : Effect.dieMessage("rows are written within a transaction")
        )
      },
      withTransaction: (steps) =>
        turn.take(
          Effect.uninterruptibleMask((restore) =>
            Effect.zipRight(
              roll("BEGIN"),
              restore(Effect.locally(steps, within, true)).pipe(
                Effect.exit,
                Effect.flatMap((exit) =>
                  Exit.isSuccess(exit)
                    ? Effect.as(
                        Effect.orDie(Effect.tapError(roll("COMMIT"), () => Effect.ignore(roll("ROLLBACK")))),
                        exit.value
                      )
                    : Effect.zipRight(Effect.ignore(roll("ROLLBACK")), exit)
                )
              )
            )
          )
        )
    })
  })

/**
 * Another connection for writes of many records, in a thread of its own, beside the others of a store that is up to
 * date: requests are answered, and records are read and encoded, while SQLite writes others. What it commits may be
 * lost in a power failure until a transaction of `durably` has ended; the file stays sound.
 */
export const layer = (path: string): Layer.Layer<SqliteWriter> => Layer.scoped(SqliteWriter, make(path))
