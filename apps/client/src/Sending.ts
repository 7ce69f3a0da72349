import { type BadRequest, type CatalogError, TimedOut } from "@backup-catalog/core"
import { Cause, Chunk, Clock, Duration, Effect, Exit, Fiber, Option, Runtime, type Scope, Stream } from "effect"
import type { AttemptState } from "./Attempt.ts"
import { type AttemptOptions, timedOut } from "./Connection.ts"
import type { Settings } from "./HttpCatalogOptions.ts"
import { bytesOnly } from "./sendable.ts"

/**
 * How much of a body is handed over at once, in bytes: so that it shows whether it gets on, and ends soon when it is
 * to.
 */
const PIECE = 256 * 1024

/** How long a body is silent, in milliseconds, before it says that it goes on. */
const SILENCE = 1_000

const NEWLINE = 10

// Before a line of NDJSON, white space means nothing (docs/api.md, Lines), and no line has another number for it.
const goingOn = () => new Uint8Array([0x20])

/** Where a body is: not asked for yet, waited for, being taken by the server, or with it as a whole. */
type Phase = "untouched" | "awaited" | "taken" | "sent"

/** A body on its way, and the attempt that sends it. */
export interface Sending<E> {
  readonly attempt: Pick<AttemptOptions, "bounded" | "repeatable" | "fetch">
  /**
   * What becomes of an import whose body came so far and no further, as the end of a sentence; undefined before it
   * began.
   */
  readonly fate: () => string | undefined
  /** Why the body itself failed, if it did. */
  readonly failure: () => Option.Option<Cause.Cause<E>>
}

const INCOMPLETE = "what it took of the import stays, and nothing was retired. Import again."
const UNKNOWN = "whether it was imported is not known. Import again: what is there already stays as it is."

const fateIn = (phase: Phase): string | undefined => {
  if (phase === "untouched") return undefined
  return phase === "sent" ? UNKNOWN : INCOMPLETE
}

const silent = ({ base }: AttemptState, phase: Phase, patience: Duration.Duration) =>
  new TimedOut({
    message: `${base} ${phase === "sent" ? "did not answer" : "took nothing more"} within ${Duration.format(patience)}; ${fateIn(phase)}`
  })

class Progress {
  phase: Phase = "untouched"
  since = 0

  readonly enter = (phase: Phase) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      this.phase = phase
      this.since = now
    })

  /** Fails once nothing has happened for too long. */
  readonly watch = (attempt: AttemptState, { timeout }: Settings, patience: Duration.Duration) => {
    const allowed = (phase: Phase) => (phase === "untouched" ? timeout : patience)
    const look: Effect.Effect<never, CatalogError> = Effect.suspend(() => {
      const { phase } = this
      return Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const left = Duration.toMillis(allowed(phase)) - (phase === "awaited" ? 0 : now - this.since)
        if (left > 0)
          return Effect.zipRight(Effect.sleep(Math.min(left, Duration.toMillis(Duration.min(timeout, patience)))), look)
        return phase === "untouched" ? timedOut(attempt, timeout) : silent(attempt, phase, patience)
      })
    })
    return Effect.zipRight(
      Effect.suspend(() => this.enter(this.phase)),
      look
    )
  }
}

const headersFor = (init: RequestInit | undefined, gzip: boolean): Headers => {
  const headers = new Headers(init?.headers)
  headers.set("Content-Type", "application/x-ndjson")
  if (gzip) headers.set("Content-Encoding", "gzip")
  return headers
}

const bounded =
  (progress: Progress, settings: Settings, patience: Duration.Duration): NonNullable<AttemptOptions["bounded"]> =>
  (attempt) =>
  (ask) =>
    Effect.raceFirst(ask, progress.watch(attempt, settings, patience))

const fetchOf = ({ fetch }: Settings): typeof globalThis.fetch => fetch ?? globalThis.fetch

/** Bytes that are sent as they are, and again when they must be. */
export const sendingBytes = (
  bytes: Uint8Array<ArrayBuffer>,
  gzip: boolean,
  settings: Settings,
  patience: Duration.Duration
): Sending<never> => {
  const progress = new Progress()
  return {
    attempt: {
      bounded: bounded(progress, settings, patience),
      fetch: (input, init) => {
        progress.phase = "sent"
        return fetchOf(settings)(input, { ...init, headers: headersFor(init, gzip), body: bytes })
      }
    },
    fate: () => fateIn(progress.phase),
    failure: Option.none
  }
}

const piecesOf = (arrays: Chunk.Chunk<Uint8Array>): Array<Uint8Array> =>
  Chunk.toReadonlyArray(arrays).flatMap((array) =>
    Array.from({ length: Math.ceil(array.length / PIECE) }, (_, n) => array.subarray(n * PIECE, (n + 1) * PIECE))
  )

/** A stream that is sent as it comes, once; what still runs of it ends with the scope. */
export const sendingStream = <E>(
  stream: Stream.Stream<Uint8Array, E>,
  gzip: boolean,
  settings: Settings,
  patience: Duration.Duration
): Effect.Effect<Sending<E | BadRequest>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const progress = new Progress()
    const pull = Effect.catchAll(
      Effect.asSome(yield* Stream.toPull(stream)),
      Option.match({ onNone: () => Effect.succeedNone, onSome: (error) => Effect.fail(error) })
    )
    const runFork = Runtime.runFork(yield* Effect.runtime<never>())
    let waiting: Array<Uint8Array> = []
    let pulling: Fiber.RuntimeFiber<Option.Option<Uint8Array>, E | BadRequest> | undefined
    let failed = Option.none<Cause.Cause<E | BadRequest>>()
    let betweenLines = !gzip
    yield* Effect.addFinalizer(() => (pulling === undefined ? Effect.void : Fiber.interrupt(pulling)))

    const piece: Effect.Effect<Option.Option<Uint8Array>, E | BadRequest> = Effect.gen(function* () {
      yield* progress.enter("awaited")
      while (waiting.length === 0) {
        const more = yield* pull
        if (Option.isNone(more)) {
          yield* progress.enter("sent")
          return Option.none()
        }
        for (const array of more.value) yield* bytesOnly(array)
        waiting = piecesOf(more.value).reverse()
      }
      yield* progress.enter("taken")
      return Option.fromNullable(waiting.pop())
    })

    const next = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      pulling ??= runFork(piece)
      const arrived = Fiber.await(pulling)
      const exit = await Effect.runPromise(
        betweenLines
          ? Effect.raceFirst(Effect.asSome(arrived), Effect.delay(Effect.succeedNone, SILENCE))
          : Effect.asSome(arrived)
      )
      // What reads the body ends it when nothing comes for a while, however long the source takes for its next record.
      if (Option.isNone(exit)) return controller.enqueue(goingOn())
      pulling = undefined
      if (Exit.isFailure(exit.value)) {
        failed = Option.some(exit.value.cause)
        return controller.error(Cause.squash(exit.value.cause))
      }
      if (Option.isNone(exit.value.value)) return controller.close()
      const bytes = exit.value.value.value
      betweenLines = !gzip && bytes.at(-1) === NEWLINE
      controller.enqueue(bytes)
    }

    const send: typeof globalThis.fetch = (input, init) => {
      const body = new ReadableStream<Uint8Array>({ pull: next }, { highWaterMark: 0 })
      // Asked for by Node and browsers for a body that is a stream; unknown to the types of the latter.
      const half = { duplex: "half" as const }
      return fetchOf(settings)(input, { ...init, ...half, headers: headersFor(init, gzip), body })
    }

    const fate = () => fateIn(progress.phase)
    return {
      attempt: {
        bounded: bounded(progress, settings, patience),
        repeatable: () => fate() === undefined,
        fetch: send
      },
      fate,
      failure: () => failed
    }
  })
