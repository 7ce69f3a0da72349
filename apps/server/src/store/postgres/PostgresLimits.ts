import type { Redacted } from "effect"

/** Where a database of PostgreSQL is. */
export interface PostgresAddress {
  readonly url: Redacted.Redacted
  /** The URL without its password, as it may be shown. */
  readonly name: string
}

/** How a server of PostgreSQL is connected to. */
export interface PostgresLimits {
  /** Connections at once. */
  readonly connections: number
  /** How many statements may wait for a connection. */
  readonly queue: number
  /** How long a statement may take, in milliseconds. */
  readonly timeout: number
  /** Whether statements are prepared once for each connection, by name. */
  readonly prepare: boolean
  /** How many partitions the tables of a new store get, by account; 0 for none. */
  readonly partitions: number
}

/** The limits that count where nothing else is said. */
export const defaultLimits: PostgresLimits = {
  connections: 10,
  queue: 100,
  timeout: 10_000,
  prepare: true,
  partitions: 0
}

/** Which replicas of a database lists may be read from. */
export interface ReplicaSettings {
  readonly addresses: ReadonlyArray<PostgresAddress>
  /** How far one may be behind, in milliseconds. */
  readonly maxLag: number
}

/** The replicas where nothing is said: none. */
export const noReplicas: ReplicaSettings = { addresses: [], maxLag: 5000 }
