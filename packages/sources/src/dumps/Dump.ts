import type { Instant } from "@backup-catalog/core"
import type { SourceFile } from "../Importer.ts"
import { instantWithOffset } from "../reading/zonedTime.ts"

/** A time as a tool wrote it: one that is known, or one that needs a zone. */
export type DumpTime =
  | { readonly instant: Instant }
  /** `isdst` is what the C library said of it: 1 in the time that is not the standard one of its zone. */
  | { readonly local: string; readonly isdst?: boolean | undefined }

/** What the content of a dump says of it. */
export interface DumpContent {
  /** What it is, as the description says it: `pg_dump custom archive`. */
  readonly form: string
  /** The databases that it names, of which there may be more where `someOf` is set. */
  readonly databases: ReadonlyArray<string>
  readonly someOf?: boolean | undefined
  /**
   * What it has where it surely is no dump of a whole database or server: `the schema`. Undefined where it is one, or
   * where that cannot be told.
   */
  readonly part?: string | undefined
  /** Whether only what describes it is there, and its data is elsewhere. */
  readonly isBare?: boolean | undefined
  readonly datastore?: { readonly type: string; readonly version?: string | undefined } | undefined
  readonly started?: DumpTime | undefined
  readonly ended?: DumpTime | undefined
  /** What tells it from another dump at the same place: a time or a token that it has in it. */
  readonly stamp?: string | undefined
  /** What tells it from every other dump, wherever it is. */
  readonly checksum?: string | undefined
  /** Why it is not whole; undefined when it is. */
  readonly failure?: string | undefined
  /** What has to come from elsewhere before it can be restored. */
  readonly needs?: string | undefined
  /** What it says of itself besides. */
  readonly label?: string | undefined
  /** What the server calls itself. */
  readonly system?: string | undefined
  readonly increment?: Increment | undefined
  /** What is odd about it and does not keep it from being imported. */
  readonly oddity?: string | undefined
}

/** What an incremental base backup is an increment on, and what one on it begins with: a position in a timeline. */
export interface Increment {
  readonly from?: string | undefined
  readonly start: string
}

/** A dump: one file, the pieces of one, or a folder of files. */
export interface Dump {
  /** Below the folder of dumps; of pieces that of the first. */
  readonly path: string
  readonly files: ReadonlyArray<SourceFile>
  readonly isFolder: boolean
  /** Undefined when nothing in it tells what it is. */
  readonly content: DumpContent | undefined
}

/**
 * A local time with the abbreviation of a zone behind it. Only those of UTC, and offsets, mean one zone: IST is that of
 * India, Israel and Ireland.
 */
export const abbreviatedTime = (local: string, zone: string | undefined): DumpTime => {
  const suffix = zone !== undefined && /^(?:UTC|GMT|UCT|Z)$/.test(zone) ? "Z" : zone
  const instant = suffix === undefined ? undefined : instantWithOffset(local + suffix)
  return instant === undefined ? { local } : { instant }
}

/** The version in front of what a distribution adds to it: 15.18 in `15.18 (Debian 15.18-0+deb12u1)`. */
export const shortVersion = (version: string): string | undefined => /^\S+/.exec(version)?.[0]
