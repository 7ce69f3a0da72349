import type { StoreUnavailable } from "@backup-catalog/core"
import { Context, Effect, Either, Layer, type Scope } from "effect"
import Pg from "pg"
import { CommandError } from "../../CommandError.ts"
import type { PostgresAddress, PostgresLimits, ReplicaSettings } from "./PostgresLimits.ts"
import { makePool, PostgresPool } from "./PostgresPool.ts"
import { makeQueries, type PostgresQueries, TooSlow } from "./PostgresQueries.ts"
import { failureOf, foreignness, type Look, lookAtPrimary, lookAtReplica, type ReplicaLook } from "./replicaLooks.ts"
import { reasonOf } from "./storeFailure.ts"
import { WalPositions } from "./WalPositions.ts"

type Queries = typeof PostgresQueries.Service

/** How long a replica may take to answer, in milliseconds: the primary answers what was asked then. */
const PATIENCE = 1000

/** How long a server that is looked at may take, in milliseconds. */
const LOOK_PATIENCE = 2000

/** How long a replica that failed is left out at least, in milliseconds. */
const REST = 3000

/** How often servers are looked at: so many times within the lag that is allowed, and every so many milliseconds at least. */
const LOOKS = { withinLag: 5, every: 1000 }

/** How a replica is at the moment. */
export interface ReplicaState {
  /** Its URL without its password. */
  readonly name: string
  /** Whether lists may be read from it. */
  readonly used: boolean
  /** How far it is behind the primary at most, in milliseconds; undefined while that is not known. */
  readonly behind: number | undefined
  /** Why it is left out; undefined while it is not, or nothing is known of it yet. */
  readonly reason: string | undefined
}

/** Physical copies of the store, kept up to date by PostgreSQL, each a little behind it. */
export class Replicas extends Context.Tag("@backup-catalog/server/Replicas")<
  Replicas,
  {
    /**
     * What a replica answers to a read, as of a moment of its own; undefined when it fails or takes too long. None at
     * all when there is no replica that is well and near enough.
     */
    readonly ask: <A>(
      read: (queries: Queries) => Effect.Effect<A, StoreUnavailable>
    ) => Effect.Effect<A | undefined> | undefined
    /** How each of them is at the moment. */
    readonly states: () => ReadonlyArray<ReplicaState>
  }
>() {}

interface Replica {
  readonly name: string
  readonly reads: Queries
  readonly looks: Queries
  /** What was last said of it. */
  told: "used" | "left out" | undefined
  reason: string | undefined
  /** When the primary had nothing that this lacks, last. */
  currentAt: number | undefined
  failedAt: number
  /** Reads under way, and the number of the last one among all. */
  busy: number
  last: number
}

// A standby breaks off what hinders it in replaying, and what takes long is answered by the primary.
const isPassing = (failure: unknown): boolean =>
  failure instanceof TooSlow ||
  (failure instanceof Pg.DatabaseError && (failure.code === "40001" || failure.code === "57014"))

const openReads = (address: PostgresAddress, limits: PostgresLimits) =>
  Effect.map(makePool(address.url, limits), (pool) => makeQueries(pool, PATIENCE))

// On a connection of their own: those of the reads may all be busy.
const openLooks = (address: PostgresAddress, limits: PostgresLimits) =>
  Effect.map(makePool(address.url, { ...limits, connections: 1, queue: 10, timeout: 5000 }), (pool) =>
    makeQueries(pool, LOOK_PATIENCE)
  )

const make = (
  store: PostgresAddress,
  { addresses, maxLag }: ReplicaSettings
): Effect.Effect<typeof Replicas.Service, CommandError, PostgresPool | Scope.Scope> =>
  Effect.gen(function* () {
    const { limits } = yield* PostgresPool
    const interval = Math.min(LOOKS.every, maxLag / LOOKS.withinLag)
    const positions = new WalPositions(maxLag)
    const primary = yield* openLooks(store, limits)
    const replicas = yield* Effect.forEach(addresses, (address) =>
      Effect.map(
        Effect.all({ reads: openReads(address, limits), looks: openLooks(address, limits) }),
        (opened): Replica => ({
          ...opened,
          name: address.name,
          told: undefined,
          reason: undefined,
          currentAt: undefined,
          failedAt: Number.NEGATIVE_INFINITY,
          busy: 0,
          last: 0
        })
      )
    )

    const behind = ({ currentAt }: Replica) => (currentAt === undefined ? undefined : performance.now() - currentAt)

    const isNear = (replica: Replica): boolean => (behind(replica) ?? Number.POSITIVE_INFINITY) <= maxLag

    const isUsed = (replica: Replica): boolean => replica.reason === undefined && isNear(replica)

    /** Notes why a replica is left out, or that it is not, and says so when that is new. */
    const settle = (replica: Replica, reason: string | undefined) =>
      Effect.suspend(() => {
        const now = reason === undefined ? "used" : "left out"
        const isNews = replica.told !== now
        replica.reason = reason
        replica.told = now
        if (!isNews) return Effect.void
        return reason === undefined
          ? Effect.logInfo(`the replica ${replica.name} is used for lists`)
          : Effect.logWarning(`the replica ${replica.name} is left out: ${reason}`)
      })

    const failed = (replica: Replica, failure: unknown) => {
      if (isPassing(failure)) return Effect.void
      replica.failedAt = performance.now()
      return settle(replica, `it does not answer (${reasonOf(failure)})`)
    }

    const judge = (replica: Replica, look: ReplicaLook, own: Look, began: number) => {
      replica.currentAt = positions.currentAt(look.position)
      const foreign = foreignness(look, own)
      if (foreign !== undefined) return settle(replica, foreign)
      if (!look.standby) return settle(replica, "it is no replica, it takes writes itself")
      if (isNear(replica)) return began - replica.failedAt < REST ? Effect.void : settle(replica, undefined)
      // What nobody has looked at for long enough is not known to be behind.
      return positions.isFull(performance.now()) ? settle(replica, `it is more than ${maxLag} ms behind`) : Effect.void
    }

    const seePrimary = Effect.suspend(() => {
      const at = performance.now()
      return Effect.tap(lookAtPrimary(primary), ({ position }) => Effect.sync(() => positions.note(at, position)))
    })

    let own = yield* Effect.mapError(
      seePrimary,
      (reason) =>
        new CommandError({
          exitCode: 1,
          message: `The store ${store.name} does not say how far it is, so --store-read cannot be used: ${reason}.`
        })
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
          onFailure: (reason) => settle(replica, `it does not answer (${reason})`),
          onSuccess: (look) => judge(replica, look, own, began)
        })
      })

    const refuseForeign = ({ name, looks }: Replica) =>
      Effect.flatMap(Effect.either(lookAtReplica(looks)), (found) => {
        const foreign = Either.isRight(found) ? foreignness(found.right, own) : undefined
        return foreign === undefined
          ? Effect.void
          : new CommandError({ exitCode: 1, message: `${name} is no replica of the store ${store.name}: ${foreign}.` })
      })

    yield* Effect.forEach(replicas, refuseForeign, { concurrency: "unbounded", discard: true })
    yield* Effect.forEach([lookAtOwn, ...replicas.map(lookAt)], (look) =>
      Effect.forkScoped(Effect.forever(Effect.zipLeft(look, Effect.sleep(interval))))
    )

    let asked = 0
    const pick = (): Replica | undefined => {
      const [least] = replicas
        .filter((replica) => isUsed(replica) && replica.busy < limits.connections + limits.queue)
        .sort((one, other) => one.busy - other.busy || one.last - other.last)
      return least
    }

    return Replicas.of({
      ask: (read) => {
        const replica = pick()
        if (replica === undefined) return undefined
        replica.last = ++asked
        return Effect.suspend(() => {
          replica.busy++
          return read(replica.reads).pipe(
            Effect.catchAllCause((cause) => Effect.as(failed(replica, failureOf(cause)), undefined)),
            Effect.ensuring(Effect.sync(() => replica.busy--))
          )
        })
      },
      states: () =>
        replicas.map((replica) => ({
          name: replica.name,
          used: isUsed(replica),
          behind: behind(replica),
          reason: replica.reason
        }))
    })
  })

const none = Replicas.of({ ask: () => undefined, states: () => [] })

/** The replicas of a store; its schema is there already. */
export const layer = (
  store: PostgresAddress,
  settings: ReplicaSettings
): Layer.Layer<Replicas, CommandError, PostgresPool> =>
  settings.addresses.length === 0 ? Layer.succeed(Replicas, none) : Layer.scoped(Replicas, make(store, settings))
