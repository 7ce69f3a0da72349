import { Context, Duration, Effect, Exit, Layer, Option, Schedule, Stream } from "effect"
import type { AccountId, BackupId } from "../Backup.ts"
import type { Position } from "../BackupOrder.ts"
import type { Fault } from "../Fault.ts"
import {
  type Difference,
  type ImportEntry,
  type ImportRequest,
  type ImportResult,
  MAX_DIFFERENCES,
  MAX_ORPHANS,
  type Orphan,
  type SourceName
} from "../Import.ts"
import type { ImportCatalog } from "../ImportCatalog.ts"
import { eventFromMarker, importFromMarker, type Marker, markerFromEvent, markerFromImport } from "../Marker.ts"
import type { PageRequest } from "../Page.ts"
import { type ImportProgress, nothingYet, oldestOf } from "./ImportProgress.ts"
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
import { importParts } from "./importParts.ts"
import type { OnStore } from "./OnStore.ts"
import { limitOf, type PageLimits } from "./PageLimits.ts"
import { takeTurns } from "./takeTurns.ts"
import { unavailable, unavailableMidway } from "./unavailable.ts"

/** How long an import waits for another one of its source to end. */
const WAIT = Duration.seconds(10)

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
            Effect.flatMap((batches) => importParts(store, running, request.source, progress, batches)),
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
