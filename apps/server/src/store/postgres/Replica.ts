import { Effect } from "effect"
import Pg from "pg"
import type { ReplicaStatus } from "../StoreStatus.ts"
import { type Queries, TooSlow } from "./PostgresQueries.ts"
import { foreignness, type Look, type ReplicaLook } from "./replicaLooks.ts"
import { reasonOf } from "./storeFailure.ts"
import type { WalPositions } from "./WalPositions.ts"

/** How long a replica that failed is left out at least, in milliseconds. */
const REST = 3000

/** How many reads one after the other may take too long before a replica counts as failed. */
const SLOW_READS = 3

// A standby breaks off what hinders it in replaying, and what takes long is answered by the primary.
const isPassing = (failure: unknown): boolean =>
  failure instanceof TooSlow ||
  (failure instanceof Pg.DatabaseError && (failure.code === "40001" || failure.code === "57014"))

/** A replica of the store, and whether it is well and near enough to be read from; changes of that are logged once. */
export class Replica {
  /** How many reads are under way. */
  busy = 0
  /** How many pages it has given. */
  pages = 0
  #told: "used" | "left out" | undefined
  /** Why it is left out; undefined while it is not, or nothing is known of it yet. */
  #reason: string | undefined
  /** When the primary had nothing that this lacks, last. */
  #currentAt: number | undefined
  #knownCurrentAt: number | undefined
  #failedAt = Number.NEGATIVE_INFINITY
  #slowReads = 0

  /** `name` is its URL without its password, `maxLag` how far it may be behind, in milliseconds. */
  constructor(
    readonly name: string,
    readonly reads: Queries,
    readonly looks: Queries,
    private readonly maxLag: number
  ) {}

  get status(): Omit<ReplicaStatus, "host"> {
    const known = this.#knownCurrentAt
    return {
      used: this.#reason === undefined && this.#isNear(),
      lag: known === undefined ? undefined : performance.now() - known,
      pages: this.pages
    }
  }

  /** Notes that a read was answered. */
  answered(): void {
    this.#slowReads = 0
  }

  /** Notes how a read has failed. */
  failed(failure: unknown): Effect.Effect<void> {
    this.#slowReads = failure instanceof TooSlow ? this.#slowReads + 1 : 0
    if (isPassing(failure) && this.#slowReads < SLOW_READS) return Effect.void
    this.#slowReads = 0
    this.#failedAt = performance.now()
    return this.silent(reasonOf(failure))
  }

  /** Notes that it does not answer. */
  silent(why: string): Effect.Effect<void> {
    return this.#settle(`it does not answer (${why})`)
  }

  /** Notes what a look at it has found that began at a time, beside what the primary is. */
  seen(look: ReplicaLook, began: number, primary: Look, positions: WalPositions): Effect.Effect<void> {
    this.#currentAt = positions.currentAt(look.position)
    this.#knownCurrentAt = this.#currentAt ?? this.#knownCurrentAt
    const foreign = foreignness(look, primary)
    if (foreign !== undefined) return this.#settle(foreign)
    if (!look.standby) return this.#settle("it is no replica, it takes writes itself")
    if (this.#isNear()) return began - this.#failedAt < REST ? Effect.void : this.#settle(undefined)
    // Where the primary was not looked at for long enough, nobody knows.
    return positions.isFull(performance.now()) ? this.#settle(`it is more than ${this.maxLag} ms behind`) : Effect.void
  }

  #isNear(): boolean {
    return this.#currentAt !== undefined && performance.now() - this.#currentAt <= this.maxLag
  }

  #settle(reason: string | undefined): Effect.Effect<void> {
    return Effect.suspend(() => {
      const now = reason === undefined ? "used" : "left out"
      const isNews = this.#told !== now
      this.#reason = reason
      this.#told = now
      if (!isNews) return Effect.void
      return reason === undefined
        ? Effect.logInfo(`the replica ${this.name} is used for lists`)
        : Effect.logWarning(`the replica ${this.name} is left out: ${reason}`)
    })
  }
}
