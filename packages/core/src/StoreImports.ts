import { Clock, Context, Duration, Effect, Either, Exit, Layer, Option, Queue, Schedule, Stream, Take } from "effect"
import type { AccountId, BackupId } from "./Backup.ts"
import type { Position } from "./BackupOrder.ts"
import type { Fault } from "./Fault.ts"
import {
  type Difference,
  type ImportMode,
  type ImportResult,
  MAX_DIFFERENCES,
  MAX_ORPHANS,
  type Orphan,
  type SourcedBackup,
  type SourceName
} from "./Import.ts"
import type { ImportCatalog } from "./ImportCatalog.ts"
import { addBatch, type ImportProgress, keepFirst, nothingYet, oldestOf, reject } from "./ImportProgress.ts"
import { ImportStore, type RunningImport, type Told } from "./ImportStore.ts"
import {
  brokenOff,
  busy,
  emptyRefused,
  neverKnownBackup,
  overtaken,
  tooManySources,
  unknownEventMarker,
  unknownImport,
  unknownImportMarker
} from "./importFaults.ts"
import { eventFromMarker, importFromMarker, type Marker, markerFromEvent, markerFromImport } from "./Marker.ts"
import type { OnStore } from "./OnStore.ts"
import type { PageRequest } from "./Page.ts"
import { limitOf, type PageLimits } from "./PageLimits.ts"
import { takeTurns } from "./takeTurns.ts"
import { unavailable, unavailableMidway } from "./unavailable.ts"

/** What an import is asked to do. */
export interface ImportRequest {
  readonly source: SourceName
  readonly mode: ImportMode
  /** Whether a snapshot without any backup may retire all that the source had. */
  readonly allowEmpty: boolean
  readonly dryRun: boolean
}

/**
 * What one line of an import has, by its size in bytes: a backup, or the reason why there is none, and then its id if
 * it can be read.
 */
export type ImportEntry = { readonly line: number; readonly bytes: number } & (
  | { readonly backup: SourcedBackup }
  | { readonly id: string | undefined; readonly reason: string }
)

/** The bytes that lines are taken to have, as a rule: what has more of them is written in fewer lines at once. */
const LINE_BYTES = 512

/**
 * How long the transactions of an import are, about, in milliseconds, while somebody waits to write and while nobody
 * does in this process: longer ones write each page of an index once for more records.
 */
const TOGETHER = { awaited: 100, most: 1000 }

/** How long an import waits for another one of its source to end. */
const WAIT = Duration.seconds(10)

type RejectedEntry = Extract<ImportEntry, { readonly reason: string }>

const isRejected = (entry: ImportEntry): entry is RejectedEntry => "reason" in entry

/** Some entries, the backups of which are ready to be written. */
interface Part {
  readonly good: ReadonlyArray<{ readonly line: number; readonly id: BackupId }>
  readonly rejected: ReadonlyArray<RejectedEntry>
  readonly writing: ReturnType<(typeof ImportStore.Service)["write"]>
}

type Batches = Iterable<Iterable<ImportEntry>>

/** A batch that has come, or that there is no other one, or why not. */
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

const make = (limits: PageLimits, maxSources: number) =>
  Effect.map(ImportStore, (store) => {
    const begin = (account: AccountId, { source, mode, dryRun }: ImportRequest) =>
      store.begin(account, source, mode, dryRun, maxSources).pipe(
        Effect.flatMap((begun) => {
          if (begun.kind === "begun") return Effect.succeed(begun.import)
          return Effect.fail(begun.kind === "busy" ? busy(source, begun.started) : tooManySources(source, maxSources))
        }),
        Effect.retry({
          while: (error) => error._tag === "UnprocessableEntity",
          schedule: Schedule.spaced(Math.min(250, store.lease / 4)).pipe(
            Schedule.upTo(Duration.max(WAIT, Duration.millis(store.lease * 1.5)))
          )
        })
      )

    /**
     * The next part of some entries; undefined when there is nothing left. Each is read when what is before it has been
     * made ready.
     */
    const nextPart = (running: RunningImport, entries: Iterator<ImportEntry, void>): Part | undefined => {
      const good: Array<Part["good"][number]> = []
      const rejected: Array<RejectedEntry> = []
      function* backups(): Generator<SourcedBackup, void> {
        for (let bytes = 0; good.length + rejected.length < store.batchSize && bytes < store.batchSize * LINE_BYTES; ) {
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
      const writing = store.write(running, backups())
      return good.length + rejected.length === 0 ? undefined : { good, rejected, writing }
    }

    const take = Effect.fnUntraced(function* (
      running: RunningImport,
      source: SourceName,
      progress: ImportProgress,
      { good, rejected, writing }: Part
    ) {
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

    /**
     * Takes what comes in batches, in transactions that go on from one batch to the next while that is there already.
     */
    const takeAll = Effect.fnUntraced(function* (
      running: RunningImport,
      source: SourceName,
      progress: ImportProgress,
      batches: Queue.Dequeue<Arrival>
    ) {
      let ending: Effect.Effect<void, Fault> | undefined
      const open = Take.match<Batches, Fault, Batches, Iterable<ImportEntry>, Batches>({
        onEnd: () => {
          ending = Effect.void
          return []
        },
        onFailure: (cause) => {
          ending = Effect.failCause(cause)
          return []
        },
        onSuccess: (some) => some
      })
      // A transaction does not wait for what has not come.
      function* entriesFrom(first: Arrival): Generator<ImportEntry, void> {
        for (let next = Option.some(first); Option.isSome(next); next = Effect.runSync(Queue.poll(batches))) {
          for (const batch of open(next.value)) yield* batch
        }
      }
      let entries: Iterator<ImportEntry, void>
      let part: Part | undefined

      /** Takes what is there until its time is over, in one transaction. */
      const takeSome = store.together(
        running,
        Effect.gen(function* () {
          const started = yield* Clock.currentTimeMillis
          const most = () => (store.isAwaited(running) ? TOGETHER.awaited : TOGETHER.most)
          while (part !== undefined) {
            const taking = take(running, source, progress, part)
            // The next one is read, and made ready, while the store is at it.
            const next = meanwhile(() => nextPart(running, entries))
            yield* taking
            keepFirst(progress)
            part = next()
            if ((yield* Clock.currentTimeMillis) >= started + most()) break
          }
        })
      )

      while (ending === undefined) {
        entries = entriesFrom(yield* Queue.take(batches))
        part = nextPart(running, entries)
        while (part !== undefined) yield* takeSome
      }
      yield* ending
    })

    const retire = Effect.fnUntraced(function* (running: RunningImport, source: SourceName, progress: ImportProgress) {
      const turn = takeTurns()
      let after: Position | undefined
      let orphans: ReadonlyArray<Told<Orphan>> = []
      let gone: ReadonlyArray<Told<Difference>> = []
      do {
        const step = yield* store.retire(running, after)
        if ("kind" in step) return yield* overtaken(source)
        progress.retired += step.retired
        progress.orphaned += step.orphaned
        orphans = oldestOf([...orphans, ...step.orphans], MAX_ORPHANS)
        gone = oldestOf([...gone, ...step.differences], MAX_DIFFERENCES - progress.differences.length)
        after = step.next
        yield* turn
      } while (after !== undefined)
      progress.orphans.push(...orphans.map(({ told }) => told))
      progress.differences.push(...gone.map(({ told }) => told))
    })

    const heartbeat = (running: RunningImport, source: SourceName, progress: ImportProgress) =>
      store.keep(running).pipe(
        Effect.delay(store.lease / 4),
        // What has ended is held by nobody.
        Effect.repeat({ while: (held) => held || progress.phase === "ending" || progress.phase === "ended" }),
        Effect.zipRight(overtaken(source))
      )

    const finish = Effect.fnUntraced(function* (
      running: RunningImport,
      { source, mode, allowEmpty }: ImportRequest,
      progress: ImportProgress
    ) {
      if (mode === "merge") return Option.none<string>()
      if (progress.unreadable !== undefined) {
        return Option.some(
          `Nothing was retired: line ${progress.unreadable} cannot be read, and may be of any backup that the source has.`
        )
      }
      if (progress.good === 0 && !allowEmpty) {
        const known = yield* store.known(running)
        if (known > 0) return yield* emptyRefused(source, known, progress)
      }
      progress.phase = "retiring"
      yield* retire(running, source, progress)
      return Option.none<string>()
    })

    const run = Effect.fn("StoreImports.run")(
      (account: AccountId, request: ImportRequest, entries: Stream.Stream<Iterable<ImportEntry>, Fault>) => {
        const progress = nothingYet()
        const end = (running: RunningImport, message: Option.Option<string>) =>
          Effect.suspend(() => {
            progress.phase = "ending"
            return store.end(running, { status: "COMPLETED", message, rejected: progress.rejected })
          }).pipe(
            Effect.tap(() => {
              progress.phase = "ended"
            }),
            // Whoever hangs up now has had all of it imported.
            Effect.uninterruptible
          )
        const watched = <A, E>(running: RunningImport, step: Effect.Effect<A, E>) =>
          Effect.raceFirst(step, Effect.interruptible(heartbeat(running, request.source, progress)))
        const receive = (running: RunningImport) =>
          Stream.toQueue(entries, { capacity: 1 }).pipe(
            Effect.flatMap((batches) => takeAll(running, request.source, progress, batches)),
            Effect.scoped,
            (step) => watched(running, step)
          )
        // Whoever hangs up now has sent all of it: what the source has lost goes as a whole. Nobody is kept from giving
        // up a look.
        const conclude = (running: RunningImport) => {
          const whole = Effect.flatMap(finish(running, request, progress), (message) => end(running, message))
          return request.dryRun ? watched(running, whole) : Effect.uninterruptible(watched(running, whole))
        }
        const work = (running: RunningImport) =>
          receive(running).pipe(
            Effect.zipRight(Effect.suspend(() => conclude(running))),
            Effect.filterOrFail(
              ({ status }) => status === "COMPLETED",
              () => overtaken(request.source)
            ),
            Effect.map((ended): ImportResult => {
              const { phase: _, good: __, unreadable: ___, ...counted } = progress
              return { ...ended, ...counted, dryRun: request.dryRun }
            })
          )
        return Effect.acquireUseRelease(begin(account, request), work, (running, exit) =>
          Exit.isSuccess(exit) || progress.phase === "ended"
            ? Effect.void
            : store.end(running, { ...brokenOff(exit.cause, progress.phase), rejected: progress.rejected }).pipe(
                // It is listed as interrupted all the same, once nothing was heard of it for a time.
                Effect.catchAll((error) => Effect.logWarning("the end of an import was not noted", error.cause))
              )
        )
      },
      Effect.catchTag("StoreUnavailable", unavailableMidway)
    )

    const resolveImport = (account: AccountId, marker: Marker) => {
      const number = importFromMarker(marker)
      if (number !== undefined) return Effect.succeed(number)
      return Effect.flatMap(
        store.numberOf(account, marker),
        Effect.catchTag("NoSuchElementException", () => unknownImportMarker)
      )
    }

    const list = Effect.fn("ImportCatalog.list")(
      function* (account: AccountId, { source }: { readonly source?: SourceName | undefined }, page: PageRequest) {
        const after = page.marker === undefined ? undefined : yield* resolveImport(account, page.marker)
        const { imports, next } = yield* store.list(account, source, after, yield* limitOf(limits, page))
        return { imports, ...(next === undefined ? {} : { next: markerFromImport(next) }) }
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const get = Effect.fn("ImportCatalog.get")(
      (account: AccountId, id: string) =>
        Effect.flatMap(
          store.get(account, id),
          Effect.catchTag("NoSuchElementException", () => unknownImport(id))
        ),
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const history = Effect.fn("ImportCatalog.history")(
      function* (account: AccountId, id: BackupId, page: PageRequest) {
        const before = page.marker === undefined ? undefined : eventFromMarker(page.marker)
        if (page.marker !== undefined && before === undefined) return yield* unknownEventMarker
        const found = yield* store.history(account, id, before, yield* limitOf(limits, page))
        if (Option.isNone(found)) return yield* neverKnownBackup(id)
        const { origins, events, next } = found.value
        return {
          origins,
          history: events,
          ...(next === undefined ? {} : { next: markerFromEvent(next) })
        }
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    return StoreImports.of({ run, list, get, history })
  })

/** The imports of a store for those who send their answers on: what fails, fails with a fault. */
export class StoreImports extends Context.Tag("@backup-catalog/core/StoreImports")<
  StoreImports,
  {
    readonly [Name in "list" | "get" | "history"]: OnStore<(typeof ImportCatalog.Service)[Name]>
  } & {
    /**
     * Imports the backups of a source, in batches as they come; of a batch, some are read and written at a time.
     * Nothing is retired before the last of them has arrived well; a stream that fails leaves what it brought, and the
     * import listed as interrupted. `UnprocessableEntity` while another import of the source runs, and for an empty
     * snapshot that was not allowed to be; `OverLimit` for a source that would be one more than the account may have.
     */
    readonly run: (
      account: AccountId,
      request: ImportRequest,
      entries: Stream.Stream<Iterable<ImportEntry>, Fault>
    ) => Effect.Effect<ImportResult, Fault>
  }
>() {
  /** Imports into a store, each account of which may have so many sources. */
  static readonly layer = (limits: PageLimits, maxSources: number): Layer.Layer<StoreImports, never, ImportStore> =>
    Layer.effect(StoreImports, make(limits, maxSources))
}
