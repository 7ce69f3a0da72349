import { Context } from "effect"

/** The connections of a store to its server. */
export interface StoreConnections {
  readonly used: number
  readonly idle: number
  /** Statements that wait for one. */
  readonly waiting: number
  /** How many there may be. */
  readonly most: number
}

/** What a store says of itself, without being asked anything over a connection. */
export class StoreStatus extends Context.Tag("@backup-catalog/server/StoreStatus")<
  StoreStatus,
  {
    readonly kind: "sqlite" | "postgres"
    /** The version of its schema. */
    readonly schema: number
    /** Undefined where there is no server. */
    readonly connections: (() => StoreConnections) | undefined
  }
>() {}
