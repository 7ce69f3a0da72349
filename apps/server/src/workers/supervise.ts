import cluster, { type Worker } from "node:cluster"
import { once } from "node:events"
import { Data, Deferred, Duration, Effect, Fiber, type Scope } from "effect"
import { makeRateLimiter } from "../limits/RateLimiter.ts"
import { version } from "../version.ts"
import { type FromWorker, PROGRAM_REPLACED, SUPERVISOR_VERSION, type ToWorker } from "./messages.ts"
import { Tally } from "./Tally.ts"

/** What a supervisor is told when it starts. */
export interface Supervision {
  readonly workers: number
  /** The environment of the workers, with the secrets that this process has taken out of its own. */
  readonly environment: NodeJS.ProcessEnv
  /** List requests of an account in a minute, in all workers together; 0 for no limit. */
  readonly rateLimit: number
  /** How long a worker may go on after it is told to stop, in milliseconds. */
  readonly grace: number
}

/** How long a worker may take to end beyond its grace before it is ended, in milliseconds. */
const OVERTIME = 5000

/** How soon a worker that ended is replaced, in milliseconds: later each time while they do not live long. */
const AGAIN = { first: 100, most: 5000, long: 30_000 }

/** Workers that have started. */
export interface Supervised {
  readonly url: string
  /** Fails once there is no worker, and no other one may take its place. */
  readonly over: Effect.Effect<never, WorkerNotStarted>
}

/** A worker ended before it listened; with an exit code that is not 0 it has said why. */
export class WorkerNotStarted extends Data.TaggedError("WorkerNotStarted")<{
  /** Its exit code, or the signal that ended it. */
  readonly end: number | NodeJS.Signals
}> {}

const ended = (worker: Worker) =>
  Effect.promise(() => (worker.isDead() ? Promise.resolve([]) : once(worker.process, "exit")))

const makeAnswer = (limit: number, tally: Tally) => {
  const limiter = makeRateLimiter(limit, () => performance.now())
  const send = (worker: Worker, answer: ToWorker): void => {
    if (worker.isConnected()) worker.send(answer)
  }
  return (worker: Worker, message: Exclude<FromWorker, { readonly kind: "listening" }>): void => {
    if (message.kind === "counted") tally.hear(worker, message)
    else if (message.kind === "metrics") {
      const { kind, number } = message
      Effect.runFork(Effect.map(tally.text, (text) => send(worker, { kind, number, text })))
    } else if (limiter !== undefined) {
      const { kind, number, account } = message
      const state = message.ask === "take" ? limiter.take(account) : { ...limiter.look(account), allowed: true }
      send(worker, { kind, number, state })
    }
  }
}

/**
 * Runs several processes of this command on one port, and starts another in the place of one that ends, for as long as
 * the program is the same; gives their URL once all of them listen. They stop with the scope. What an account may still
 * send is counted here, for all of them.
 */
export const supervise = ({
  workers,
  environment,
  rateLimit,
  grace
}: Supervision): Effect.Effect<Supervised, WorkerNotStarted, Scope.Scope> =>
  Effect.gen(function* () {
    const running = new Set<Worker>()
    const tally = new Tally()
    const answer = makeAnswer(rateLimit, tally)

    const start = Effect.gen(function* () {
      const listening = yield* Deferred.make<string, WorkerNotStarted>()
      const worker = cluster.fork({ ...environment, [SUPERVISOR_VERSION]: version })
      running.add(worker)
      worker.on("message", (message: FromWorker) => {
        if (message.kind === "listening") Deferred.unsafeDone(listening, Effect.succeed(message.url))
        else answer(worker, message)
      })
      // Said to one that has just ended.
      worker.on("error", () => {})
      // Later than its end, when all that it had said is read.
      worker.once("disconnect", () => tally.end(worker))
      worker.once("exit", (code, signal) => {
        running.delete(worker)
        Deferred.unsafeDone(listening, new WorkerNotStarted({ end: (signal as NodeJS.Signals | null) ?? code }))
      })
      return { worker, listening: Deferred.await(listening) }
    })

    const stop = (worker: Worker) =>
      Effect.suspend(() => {
        worker.process.kill("SIGTERM")
        return Effect.timeoutTo(ended(worker), {
          duration: grace + OVERTIME,
          onSuccess: () => undefined,
          onTimeout: () => worker.process.kill("SIGKILL")
        })
      })

    const keep = Effect.fnUntraced(function* (first: Worker) {
      let worker = first
      let wait = AGAIN.first
      while (true) {
        const [lived] = yield* Effect.timed(ended(worker))
        const { pid, exitCode, signalCode } = worker.process
        // It has said what is to be done; another one would only say it again.
        if (exitCode === PROGRAM_REPLACED) return
        if (Duration.toMillis(lived) > AGAIN.long) wait = AGAIN.first
        yield* Effect.logWarning(`worker ${pid} ended (${signalCode ?? exitCode}); another takes its place`)
        yield* Effect.sleep(wait)
        wait = Math.min(2 * wait, AGAIN.most)
        worker = (yield* start).worker
      }
    })

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => Effect.forEach(running, stop, { concurrency: "unbounded", discard: true }))
    )
    // Alone: it makes the store what it must be, and says what is wrong once.
    const first = yield* start
    const url = yield* first.listening
    const others = yield* Effect.all(Array.from({ length: workers - 1 }, () => start))
    yield* Effect.forEach(others, ({ listening }) => listening, { discard: true })
    const kept = yield* Effect.forEach([first, ...others], ({ worker }) => Effect.forkScoped(keep(worker)))
    return { url, over: Effect.zipRight(Fiber.joinAll(kept), new WorkerNotStarted({ end: PROGRAM_REPLACED })) }
  })
