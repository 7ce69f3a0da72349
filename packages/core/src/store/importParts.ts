import { Clock, Effect, Either, Option, Queue, Take } from "effect"
import type { BackupId } from "../Backup.ts"
import type { Fault } from "../Fault.ts"
import type { ImportEntry, SourcedBackup, SourceName } from "../Import.ts"
import { addBatch, type ImportProgress, keepFirst, reject } from "./ImportProgress.ts"
import type { ImportStore, RunningImport } from "./ImportStore.ts"
import { overtaken } from "./importFaults.ts"

// How what an import brings gets into the store:
//
//   batches arrive -> entries, one after the other -> parts of about `batchSize` entries
//
// While the store writes part n, part n + 1 is read and made ready. A transaction takes one part after the other, also
// across batches, but only what is there already: it never waits for the network.

/** The bytes that lines are taken to have, as a rule: what has more of them is written in fewer lines at once. */
const LINE_BYTES = 512

/**
 * How long the transactions of an import are, about, in milliseconds, while somebody waits to write and while nobody
 * does in this process: longer ones write each page of an index once for more records.
 */
const TOGETHER = { awaited: 100, most: 1000 }

type Store = typeof ImportStore.Service

type RejectedEntry = Extract<ImportEntry, { readonly reason: string }>

const isRejected = (entry: ImportEntry): entry is RejectedEntry => "reason" in entry

/** Some entries, the backups of which are ready to be written. */
interface Part {
  readonly good: ReadonlyArray<{ readonly line: number; readonly id: BackupId }>
  readonly rejected: ReadonlyArray<RejectedEntry>
  readonly writing: ReturnType<Store["write"]>
}

/** Batches that have come, or that there is no other one, or why not. */
type Arrival = Take.Take<Iterable<ImportEntry>, Fault>

/**
 * Computes something as soon as whoever runs now waits for something else, without a fiber for it; gives what waits no
 * longer, and computes it then.
 */
const meanwhile = <A>(compute: () => A): (() => A) => {
  let result: Either.Either<A, unknown> | undefined
  const run = () => (result ??= Either.try({ try: compute, catch: (defect) => defect }))
  queueMicrotask(run)
  return () => Either.getOrThrowWith(run(), (defect) => defect)
}

/** The batches of an arrival, or how they have ended. */
const open = (arrival: Arrival): Either.Either<Iterable<Iterable<ImportEntry>>, Effect.Effect<void, Fault>> =>
  Take.match(arrival, {
    onEnd: () => Either.left(Effect.void),
    onFailure: (cause) => Either.left(Effect.failCause(cause)),
    onSuccess: (batches) => Either.right(batches)
  })

/** What has arrived of an import, as parts. */
class Parts {
  /** How the batches have ended; undefined while more may come. */
  ending: Effect.Effect<void, Fault> | undefined
  /** The part to be written next; undefined when all that has come is written. */
  part: Part | undefined
  #entries: Iterator<ImportEntry, void> = [].values()

  constructor(
    private readonly store: Store,
    private readonly running: RunningImport,
    private readonly batches: Queue.Dequeue<Arrival>
  ) {}

  /** Waits for a batch, and makes the first part of it ready. */
  get arrive(): Effect.Effect<void> {
    return Effect.map(Queue.take(this.batches), (first) => {
      this.#entries = this.#entriesFrom(first)
      this.part = this.next()
    })
  }

  /**
   * Makes the part behind `part` ready; undefined when nothing is left of what has come. Each entry is read when what
   * is before it has been made ready.
   */
  next(): Part | undefined {
    const entries = this.#entries
    const { batchSize } = this.store
    const good: Array<Part["good"][number]> = []
    const rejected: Array<RejectedEntry> = []
    function* backups(): Generator<SourcedBackup, void> {
      for (let bytes = 0; good.length + rejected.length < batchSize && bytes < batchSize * LINE_BYTES; ) {
        const { done, value } = entries.next()
        if (done === true) return
        bytes += value.bytes
        if (isRejected(value)) rejected.push(value)
        else {
          good.push({ line: value.line, id: value.backup.id })
          yield value.backup
        }
      }
    }
    const writing = this.store.write(this.running, backups())
    return good.length + rejected.length === 0 ? undefined : { good, rejected, writing }
  }

  *#entriesFrom(first: Arrival): Generator<ImportEntry, void> {
    for (let next = Option.some(first); Option.isSome(next); next = Effect.runSync(Queue.poll(this.batches))) {
      const batches = open(next.value)
      if (Either.isLeft(batches)) this.ending = batches.left
      else for (const batch of batches.right) yield* batch
    }
  }
}

/** Writes all that comes of an import in batches, and notes in `progress` what that did. */
export const importParts = Effect.fnUntraced(function* (
  store: Store,
  running: RunningImport,
  source: SourceName,
  progress: ImportProgress,
  batches: Queue.Dequeue<Arrival>
) {
  const parts = new Parts(store, running, batches)

  const take = Effect.fnUntraced(function* ({ good, rejected, writing }: Part) {
    for (const entry of rejected) {
      reject(progress, entry)
      if (entry.id === undefined) progress.unreadable ??= entry.line
    }
    const sighted = rejected.flatMap(({ id }) => (id === undefined ? [] : [id]))
    if (sighted.length > 0) yield* store.sight(running, sighted)
    if (good.length === 0) return
    progress.good += good.length
    const result = yield* writing
    if ("kind" in result) return yield* overtaken(source)
    for (const { line, id } of good.filter((_, n) => result.repeated.has(n))) {
      reject(progress, { line, id, reason: "an earlier line has the same id, and the first one counts" })
    }
    addBatch(progress, result)
  })

  /** Takes what is there until its time is over, in one transaction. */
  const takeSome = store.together(
    running,
    Effect.gen(function* () {
      const started = yield* Clock.currentTimeMillis
      const most = () => (store.isAwaited(running) ? TOGETHER.awaited : TOGETHER.most)
      while (parts.part !== undefined) {
        const next = meanwhile(() => parts.next())
        yield* take(parts.part)
        keepFirst(progress)
        parts.part = next()
        if ((yield* Clock.currentTimeMillis) >= started + most()) break
      }
    })
  )

  while (parts.ending === undefined) {
    yield* parts.arrive
    while (parts.part !== undefined) yield* takeSome
  }
  yield* parts.ending
})
