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
