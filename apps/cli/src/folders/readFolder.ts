import { systemReason } from "@backup-catalog/command-line"
import type { FolderImporter, Problem, SourceFile } from "@backup-catalog/sources"
import { Effect } from "effect"
import { InputFailed } from "../outcomes/InputFailed.ts"
import { isMissing } from "../processes/isMissing.ts"
import { readFileEnds } from "./fileEnds.ts"
import { type FoundFile, TooManyFiles, walkFolder } from "./walkFolder.ts"

/** The files of a folder as an importer wants to see them, and what could not be looked into. */
export interface ReadFolder {
  readonly files: ReadonlyArray<SourceFile>
  /** What could not be looked into, without what follows from that. */
  readonly problems: ReadonlyArray<Problem>
}

/** How much of a folder is read at the most. */
export interface FolderLimits {
  readonly files: number
  /** Of the beginnings and ends of all files together. */
  readonly bytes: number
}

const defaultLimits: FolderLimits = { files: 1_000_000, bytes: 2 ** 31 }

// As many as Node reads at once.
const CONCURRENCY = 4

class TooManyBytes extends Error {}

const failure = (folder: string, limits: FolderLimits, error: unknown): InputFailed => {
  const refused = (why: string) => new InputFailed({ message: `The folder ${folder} ${why}` })
  if (error instanceof TooManyFiles) {
    return refused(`has more than ${limits.files} files, which is the most that is read: give a folder below it.`)
  }
  if (error instanceof TooManyBytes) {
    return refused(`has more files of this kind than fit into memory (${limits.bytes} bytes): give a folder below it.`)
  }
  if (isMissing(error)) return refused("does not exist: is it mounted?")
  return refused(`cannot be looked into: ${systemReason(error)}.`)
}

/**
 * The files of a folder, always in one order, with as much of each as is wanted. A file that cannot be read says
 * why; a folder below it that cannot be looked into, and a link that cannot be followed, are problems.
 */
export const readFolder = (
  folder: string,
  wants: FolderImporter["wants"],
  limits: FolderLimits = defaultLimits
): Effect.Effect<ReadFolder, InputFailed> => {
  const attempt = <A>(run: () => Promise<A>) =>
    Effect.tryPromise({ try: run, catch: (error) => failure(folder, limits, error) })
  let bytes = 0
  const read = async ({ path, place, size, modified }: FoundFile): Promise<SourceFile | undefined> => {
    const ends = await readFileEnds(place, wants(path, size))
    if (ends === undefined) return undefined
    bytes += ends.head.length + ends.tail.length
    if (bytes > limits.bytes) throw new TooManyBytes()
    return { path, size, modified, ...ends }
  }
  return Effect.gen(function* () {
    const found = yield* attempt(() => walkFolder(folder, limits.files))
    const files = yield* Effect.forEach(found.files, (file) => attempt(() => read(file)), { concurrency: CONCURRENCY })
    return { files: files.filter((file) => file !== undefined), problems: found.problems }
  })
}
