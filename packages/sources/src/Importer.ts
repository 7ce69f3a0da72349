import type { Backup } from "@backup-catalog/core"
import { Data, type Effect } from "effect"

/** What an importer is told besides the output of its tool. */
export interface ImportOptions {
  /** The name of the source: the ids of its backups are made from it, so it must stay the same. */
  readonly source: string
  /**
   * The zone of times that the tool prints without one: `Europe/Berlin`, `UTC`, `+05:30`; undefined where nobody said.
   */
  readonly timeZone?: string | undefined
  /** Where the repository or folder is, as a beginning of `locationRef`: a path or URL without a slash at its end. */
  readonly location?: string | undefined
  /** What the tool wrote to stderr, where it was run or kept. */
  readonly stderr?: string | undefined
  /** The present, in milliseconds since 1970. */
  readonly now: number
}

/** One backup of an inventory: the record, and what the tool itself calls it. */
export interface SourceRecord {
  readonly backup: Backup
  /** The tool's own id, as it is written in the tool's commands. */
  readonly nativeId: string
  /** The tool's own id of the parent, also where the inventory has no such backup. */
  readonly nativeParentId?: string | undefined
  /**
   * Why a finished backup may not be good although its tool keeps it, as one sentence without a full stop. Only what
   * the tool itself says of it; the same is in the description.
   */
  readonly suspect?: string | undefined
}

/** An entry that is broken or not understood, in whole or in part. */
export interface Problem {
  /** Where in the output it is: `shop[3].timestamp`, or the path of a file. */
  readonly place: string
  /** One sentence without a full stop: what is wrong with it, and what became of it. */
  readonly message: string
}

/** What a tool said: its backups, and what could not be understood. */
export interface Inventory {
  readonly records: ReadonlyArray<SourceRecord>
  readonly problems: ReadonlyArray<Problem>
  /**
   * Whether this is all that the source has. False where the tool itself said, or its output shows, that something is
   * missing: then nothing may be retired.
   */
  readonly complete: boolean
  /**
   * Whether it is not complete only because a part was asked for, such as one page, or one backup: all that the output
   * has was understood.
   */
  readonly isPart?: boolean
}

/** The output is not what it was said to be, or cannot be trusted as a whole; nothing of it is imported. */
export class SourceRefused extends Data.TaggedError("SourceRefused")<{
  /** One sentence that a person can act on, with the tool's own words where it had any. */
  readonly message: string
}> {}

/** Reads the text output of a tool. */
export interface OutputImporter {
  readonly kind: "output"
  /** The name by which it is asked for: `pgbackrest`. */
  readonly name: string
  /** The name of the tool as people write it: `pgBackRest`. */
  readonly title: string
  /**
   * The command whose output it reads, for the help and for running it: `["pgbackrest", "info", "--output=json"]`.
   * Empty where it reads what no command of a tool prints, such as answers of a server that somebody saved.
   */
  readonly command: ReadonlyArray<string>
  /**
   * Whether the tool prints times without a zone in that which `TZ` says, so that it can be made to print them in UTC.
   */
  readonly heedsTZ?: boolean
  /** Whether bytes look like the output of this tool. */
  readonly detect: (bytes: Uint8Array) => boolean
  readonly parse: (bytes: Uint8Array, options: ImportOptions) => Effect.Effect<Inventory, SourceRefused>
}

/** A file of a folder of backups, as far as it was read. */
export interface SourceFile {
  /** Below the folder, with `/` between its parts. */
  readonly path: string
  /** In bytes. */
  readonly size: number
  /** When it was last written to, in milliseconds since 1970. */
  readonly modified: number
  /** Its first bytes, as many as were wanted; all of it when there are no more. */
  readonly head: Uint8Array
  /** Its last bytes, likewise. For a compressed file (`wants`), head and tail are of its content. */
  readonly tail: Uint8Array
  /** What the digest that was wanted made of all of its content; undefined where none was wanted. */
  readonly digest?: bigint | undefined
  /** Why it could not be read, or not be uncompressed to its end. */
  readonly problem?: string | undefined
  /** Whether it is the system that did not let it be read, so that nothing is known of its content. */
  readonly unread?: boolean | undefined
}

/** What is computed of a content while it is read: takes its bytes in their order, and has a value at any time. */
export interface Digest {
  readonly take: (bytes: Uint8Array) => void
  readonly value: bigint
}

/**
 * How much of a file an importer wants to see: so many bytes at its beginning and its end, uncompressed where it is
 * gzip.
 */
export interface Wanted {
  readonly head: number
  readonly tail: number
  readonly gunzip?: boolean
  /** Makes a digest, which all of the content is to go through: the whole file is read for it. */
  readonly digest?: (() => Digest) | undefined
}

/** Reads a folder of backups. */
export interface FolderImporter {
  readonly kind: "folder"
  readonly name: string
  readonly title: string
  /** What it wants to see of a file; nothing of one that is none of its own, which still counts by its size. */
  readonly wants: (path: string, size: number) => Wanted
  readonly detect: (files: ReadonlyArray<SourceFile>) => boolean
  /**
   * Whether a link or folder of some path is a part of one of the backups that these files are. If it cannot be looked
   * into, that backup may lack something, but no other one is missed.
   */
  readonly insideOf?: ((files: ReadonlyArray<SourceFile>) => (path: string) => boolean) | undefined
  readonly parse: (
    files: ReadonlyArray<SourceFile>,
    options: ImportOptions & { readonly pattern?: string | undefined }
  ) => Effect.Effect<Inventory, SourceRefused>
}

/** What makes records of what a tool says: bytes or files in, records out, no input or output of its own. */
export type Importer = OutputImporter | FolderImporter
