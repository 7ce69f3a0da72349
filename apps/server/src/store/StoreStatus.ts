import { Context } from "effect"
import type { StoreAddress } from "./StoreAddress.ts"

/** The connections of a store to its server. */
export interface StoreConnections {
  readonly used: number
  readonly idle: number
  /** Statements that wait for one. */
  readonly waiting: number
  /** How many there may be. */
  readonly most: number
}

/** A replica that lists are read from. */
export interface ReplicaStatus {
  /** With its port where one was given; never who reads from it. */
  readonly host: string
  readonly used: boolean
  /**
   * How long ago it was last known to have all, in milliseconds: it is no further behind; undefined when it never was.
   */
  readonly lag: number | undefined
  /** How many pages of lists it has given. */
  readonly pages: number
}

/** Why the store itself gave a page: no replica could be asked, or it answered one of another version, or nothing. */
export type Fallback = "unused" | "outdated" | "failed"

/** The replicas that lists are read from, and how many pages the store itself gave all the same. */
export interface ReplicasStatus {
  readonly each: ReadonlyArray<ReplicaStatus>
  readonly fallbacks: Readonly<Record<Fallback, number>>
}

/** What a store says of itself, without being asked anything over a connection. */
export class StoreStatus extends Context.Tag("@backup-catalog/server/StoreStatus")<
  StoreStatus,
  {
    readonly kind: StoreAddress["kind"]
    /** The version of its schema. */
    readonly schema: number
    /** Undefined where there is no server. */
    readonly connections: (() => StoreConnections) | undefined
    /** Undefined where it has no replicas. */
    readonly replicas: (() => ReplicasStatus) | undefined
  }
>() {}
