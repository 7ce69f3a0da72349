import type { StoreUnavailable } from "@backup-catalog/core/store"
import { Context, Effect, Either, Layer, Redacted, type Scope } from "effect"
import { NotAReplica, PositionUnknown } from "../StoreRefused.ts"
import type { Fallback, ReplicasStatus } from "../StoreStatus.ts"
import type { PostgresAddress, PostgresLimits, ReplicaSettings } from "./PostgresLimits.ts"
import { makePool, PostgresPool } from "./PostgresPool.ts"
import { makeQueries, type Queries } from "./PostgresQueries.ts"
import { Replica } from "./Replica.ts"
import { failureOf, foreignness, lookAtPrimary, lookAtReplica } from "./replicaLooks.ts"
import { WalPositions } from "./WalPositions.ts"

/** How long a replica may take to answer, in milliseconds. */
const PATIENCE = 1000

/** How long a server that is looked at may take, in milliseconds. */
const LOOK_PATIENCE = 2000

/**
 * How often servers are looked at: so many times within the lag that is allowed, and every so many milliseconds at
 * least.
 */
const LOOKS = { withinLag: 5, every: 1000 }

/** The physical replicas of the store, kept up to date by PostgreSQL, each a little behind it. */
export class Replicas extends Context.Tag("@backup-catalog/server/Replicas")<
  Replicas,
  {
    /**
     * What a replica answers to a read of a page, as of a moment of its own, where that is as it `must` be; undefined
     * when it is not, or it fails or takes too long. None at all when there is no replica that is well and near enough.
     */
    readonly ask: <A>(
      read: (queries: Queries) => Effect.Effect<A, StoreUnavailable>
    ) => ((must: (answer: A) => boolean) => Effect.Effect<A | undefined>) | undefined
    /** What is told of them, and of what was asked of them; undefined where there are none. */
    readonly status: (() => ReplicasStatus) | undefined
  }
>() {}

const openReads = (address: PostgresAddress, limits: PostgresLimits) =>
  Effect.map(makePool(address.url, limits, true), (pool) => makeQueries(pool, PATIENCE))

// On a connection of their own: those of the reads may all be busy.
const openLooks = (address: PostgresAddress, limits: PostgresLimits) =>
  Effect.map(makePool(address.url, { ...limits, connections: 1, queue: 10, timeout: 5000 }, true), (pool) =>
    makeQueries(pool, LOOK_PATIENCE)
  )

/** What replicas are called where no credentials may be: their hosts and ports, with a number where one comes again. */
const hostsOf = (addresses: ReadonlyArray<PostgresAddress>): ReadonlyArray<string> =>
  addresses
    .map(({ url }) => new URL(Redacted.value(url)).host)
    .map((host, n, hosts) => (hosts.indexOf(host) === n ? host : `${host} (${n + 1})`))

const make = (
  store: PostgresAddress,
  { addresses, maxLag }: ReplicaSettings
): Effect.Effect<typeof Replicas.Service, PositionUnknown | NotAReplica, PostgresPool | Scope.Scope> =>
  Effect.gen(function* () {
    const { limits } = yield* PostgresPool
    const interval = Math.min(LOOKS.every, maxLag / LOOKS.withinLag)
    const positions = new WalPositions(maxLag)
    const primary = yield* openLooks(store, limits)
    const replicas = yield* Effect.forEach(addresses, (address) =>
      Effect.zipWith(
        openReads(address, limits),
        openLooks(address, limits),
        (reads, looks) => new Replica(address.name, reads, looks, maxLag)
      )
    )

    const seePrimary = Effect.suspend(() => {
      const at = performance.now()
      return Effect.tap(lookAtPrimary(primary), ({ position }) => Effect.sync(() => positions.note(at, position)))
    })

    let own = yield* Effect.mapError(
      Effect.retry(seePrimary, { times: 2 }),
      (reason) => new PositionUnknown({ store: store.name, reason })
    )

    const lookAtOwn = Effect.match(seePrimary, {
      // It may be another server that answers next.
      onFailure: () => positions.clear(),
      onSuccess: (look) => {
        own = look
      }
    })

    const lookAt = (replica: Replica) =>
      Effect.suspend(() => {
        const began = performance.now()
        return Effect.matchEffect(lookAtReplica(replica.looks), {
          onFailure: (reason) => replica.silent(reason),
          onSuccess: (look) => replica.seen(look, began, own, positions)
        })
      })

    const refuseForeign = ({ name, looks }: Replica) =>
      Effect.flatMap(Effect.either(lookAtReplica(looks)), (found) => {
        const foreign = Either.isRight(found) ? foreignness(found.right, own) : undefined
        return foreign === undefined
          ? Effect.void
          : new NotAReplica({ replica: name, store: store.name, reason: foreign })
      })

    yield* Effect.forEach(replicas, refuseForeign, { concurrency: "unbounded", discard: true })
    yield* Effect.forEach([lookAtOwn, ...replicas.map(lookAt)], (look) =>
      Effect.forkScoped(Effect.forever(Effect.zipLeft(look, Effect.sleep(interval))))
    )

    // The least busy one; of several, the one that was asked the longest ago.
    const turns = [...replicas]
    const pick = (): Replica | undefined => {
      const [least] = turns
        .filter(({ busy, status }) => status.used && busy < limits.connections + limits.queue)
        .sort((one, other) => one.busy - other.busy)
      if (least !== undefined) turns.push(...turns.splice(turns.indexOf(least), 1))
      return least
    }

    const fallbacks: Record<Fallback, number> = { unused: 0, outdated: 0, failed: 0 }

    const take = <A>(replica: Replica, answer: A, must: (answer: A) => boolean): A | undefined => {
      replica.answered()
      if (must(answer)) {
        replica.pages++
        return answer
      }
      fallbacks.outdated++
      return undefined
    }

    const hosts = hostsOf(addresses)

    return Replicas.of({
      ask: (read) => {
        const replica = pick()
        if (replica === undefined) {
          fallbacks.unused++
          return undefined
        }
        return (must) =>
          Effect.suspend(() => {
            replica.busy++
            return read(replica.reads).pipe(
              Effect.map((answer) => take(replica, answer, must)),
              Effect.catchAllCause((cause) => {
                fallbacks.failed++
                return Effect.as(replica.failed(failureOf(cause)), undefined)
              }),
              Effect.ensuring(Effect.sync(() => replica.busy--))
            )
          })
      },
      status: () => ({
        each: replicas.map(({ status }, n) => ({ host: hosts[n] ?? "", ...status })),
        fallbacks
      })
    })
  })

const none = Replicas.of({ ask: () => undefined, status: undefined })

/** The replicas of a store; its schema is there already. */
export const layer = (
  store: PostgresAddress,
  settings: ReplicaSettings
): Layer.Layer<Replicas, PositionUnknown | NotAReplica, PostgresPool> =>
  settings.addresses.length === 0 ? Layer.succeed(Replicas, none) : Layer.scoped(Replicas, make(store, settings))
