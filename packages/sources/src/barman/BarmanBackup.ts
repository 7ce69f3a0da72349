import type { Instant } from "@backup-catalog/core"
import type { Problem } from "../Importer.ts"
import type { BarmanTime } from "./barmanTime.ts"

/** What one of Barman's outputs tells of a backup. */
export interface BarmanBackup {
  readonly place: string
  readonly server: string
  readonly id: string
  /** When it began by its id, as far as the zone of that is known. */
  readonly idTime?: Instant | undefined
  /** In Barman's words. */
  readonly status: string | undefined
  readonly name?: string | null | undefined
  readonly start?: BarmanTime | null | undefined
  readonly stop?: BarmanTime | null | undefined
  readonly bytes?: bigint | null | undefined
  /** PostgreSQL's number for its version: 150018. */
  readonly version?: number | null | undefined
  /** The id of the backup of the same server that it is an increment of. */
  readonly parent?: string | null | undefined
  /** Why it may not be good where it is finished. */
  readonly suspect?: string | undefined
  /** What else the description tells. */
  readonly notes: ReadonlyArray<string | undefined>
  /** The folder of the backup, where the output tells it. */
  readonly path?: string | undefined
}

/** What a list of Barman's says, as far as it could be read. */
export interface BarmanRead {
  readonly backups: ReadonlyArray<BarmanBackup>
  readonly problems: ReadonlyArray<Problem>
  readonly complete: boolean
  /** Whether it is what was asked for, and not all that Barman has. */
  readonly isPart?: boolean
  /** The servers of which it has no backup, in use or not. */
  readonly bareServers?: ReadonlyArray<string>
  /** The offset of Barman's clock when it printed this, where it says so. */
  readonly offset?: string | undefined
}

/** What is to be said where Barman has no server, which an import takes for no reason to retire its backups. */
export const NO_SERVER =
  "Barman lists no server, so it is not known which backups there are: check that Barman finds its configuration"

/**
 * Whether a backup was made by a method, in Barman's words, that leaves it in snapshots of disks: the sizes that Barman
 * tells of it are those of the label that it keeps on its own host.
 */
export const isOfSnapshots = (method: string | null | undefined): boolean => method?.startsWith("snapshot") ?? false
