import type { Problem, SourceFile } from "../Importer.ts"
import { plainText } from "../records/recordText.ts"
import type { BackupFolder } from "./BackupFolder.ts"
import { isBesideData, isPacked, isStream, metadataKind } from "./BackupFolder.ts"
import { type BackupInfo, type Checkpoints, readCheckpoints, readInfo } from "./BackupInfo.ts"

/** One of the two files of metadata; `packed` is compressed or encrypted, so it is there and cannot be read. */
export type Metadata<A> =
  | { readonly state: "missing" | "packed" | "damaged" }
  | { readonly state: "unreadable"; readonly problem: Problem }
  | { readonly state: "read"; readonly content: A }

/** What a file of metadata says; undefined where it could not be read. */
export const contentOf = <A>(metadata: Metadata<A>): A | undefined =>
  metadata.state === "read" ? metadata.content : undefined

/** A folder with what its metadata says. */
export interface FolderReading {
  readonly folder: BackupFolder
  readonly info: Metadata<BackupInfo>
  readonly checkpoints: Metadata<Checkpoints>
  /** The bytes of all its files; undefined where only metadata is left there, as with `--extra-lsndir`. */
  readonly bytes: bigint | undefined
  /** When the first and the last of its files were written to, in milliseconds since 1970. */
  readonly firstWrite: number
  readonly lastWrite: number
}

const decoder = new TextDecoder()

const readMetadata = <A>(
  files: ReadonlyArray<SourceFile>,
  kind: "info" | "checkpoints",
  read: (content: string) => A | undefined
): Metadata<A> => {
  const found = files.filter(({ path }) => metadataKind(path) === kind)
  const file = found.find(({ path }) => !isPacked(path))
  if (file === undefined) return { state: found.length === 0 ? "missing" : "packed" }
  if (file.problem !== undefined) {
    const message = `could not be read, so its backup was left out: ${plainText(file.problem)}`
    return { state: "unreadable", problem: { place: file.path, message } }
  }
  const content = read(decoder.decode(file.head))
  return content === undefined ? { state: "damaged" } : { state: "read", content }
}

/** What the metadata of a folder says, and what its files do. */
export const readFolder = (folder: BackupFolder): FolderReading => {
  const { files } = folder
  const info = readMetadata(files, "info", readInfo)
  const data = files.some((file) => isStream(file) || !isBesideData(file.path))
  return {
    folder,
    info,
    checkpoints: readMetadata(files, "checkpoints", readCheckpoints),
    bytes: data ? files.reduce((sum, { size }) => sum + BigInt(size), 0n) : undefined,
    firstWrite: files.reduce((first, { modified }) => Math.min(first, modified), Number.POSITIVE_INFINITY),
    lastWrite: files.reduce((last, { modified }) => Math.max(last, modified), Number.NEGATIVE_INFINITY)
  }
}
