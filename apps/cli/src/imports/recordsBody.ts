import { createReadStream, type Stats } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { systemReason } from "@backup-catalog/command-line"
import { Effect, type Scope, Stream } from "effect"
import { InputFailed } from "../outcomes/InputFailed.ts"
import type { ImportProgress } from "./ImportProgress.ts"
import type { Body } from "./inventoryBody.ts"

const CHUNK_BYTES = 256 * 1024

const GZIP = Buffer.from([0x1f, 0x8b])

/** What a person calls what is read. */
export const describePath = (path: string): string => (path === "-" ? "The standard input" : path)

const cannotBeRead = (name: string) => (error: unknown) =>
  error instanceof InputFailed ? error : new InputFailed({ message: `${name} cannot be read: ${systemReason(error)}.` })

interface Begun {
  readonly beginning: Buffer
  readonly rest: AsyncIterator<Buffer>
}

/** Reads on until it can be seen whether it is gzip. */
const begin = async (chunks: AsyncIterable<Buffer>): Promise<Begun> => {
  const rest = chunks[Symbol.asyncIterator]()
  let beginning = Buffer.alloc(0)
  while (beginning.length < GZIP.length) {
    const { done, value } = await rest.next()
    if (done) break
    beginning = Buffer.concat([beginning, value])
  }
  return { beginning, rest }
}

/** What was read, and all that follows; whoever wants no more of it need not wait for the next of it to come. */
const goingOn = ({ beginning, rest }: Begun, progress: ImportProgress, end: () => Promise<void>) => {
  let first = beginning.length > 0
  const next = async (): Promise<IteratorResult<Buffer>> => {
    const read: IteratorResult<Buffer> = first ? { value: beginning } : await rest.next()
    first = false
    if (read.done) {
      await end()
      progress.phase = "sent"
    } else {
      progress.sent += read.value.length
    }
    return read
  }
  return { [Symbol.asyncIterator]: () => ({ next }) }
}

const changed = (before: Stats, after: Stats): boolean => before.size !== after.size || before.mtimeMs !== after.mtimeMs

/** Fails where a file is not what it was when its reading began: it may have had more, or have it now. */
const checkUnchanged = (path: string, file: FileHandle, before: Stats) => async (): Promise<void> => {
  if (!before.isFile() || !changed(before, await file.stat())) return
  throw new InputFailed({
    message: `${path} was written to while it was read, so nothing was retired; import it again when it is finished.`
  })
}

const opened = (path: string): Effect.Effect<FileHandle, InputFailed, Scope.Scope> =>
  Effect.acquireRelease(Effect.tryPromise({ try: () => open(path), catch: cannotBeRead(path) }), (file) =>
    Effect.promise(() => file.close().catch(() => {}))
  )

/**
 * The body of an import of records that are lines of JSON already, plain or as gzip, as they are in a file, or come
 * from the standard input when the path is `-`; of any size.
 */
export const recordsBody = (
  path: string,
  progress: ImportProgress
): Effect.Effect<Body<InputFailed>, InputFailed, Scope.Scope> =>
  Effect.gen(function* () {
    progress.unit = "bytes"
    const name = describePath(path)
    const file = path === "-" ? undefined : yield* opened(path)
    const attempt = <A>(run: () => Promise<A>) => Effect.tryPromise({ try: run, catch: cannotBeRead(name) })
    const before = file === undefined ? undefined : yield* attempt(() => file.stat())
    if (before?.isDirectory())
      return yield* new InputFailed({ message: `${name} is a folder, and no file of records.` })
    if (before?.isFile()) progress.total = before.size
    const chunks: AsyncIterable<Buffer> =
      file === undefined
        ? process.stdin
        : createReadStream(path, { fd: file, autoClose: false, highWaterMark: CHUNK_BYTES })
    const begun = yield* attempt(() => begin(chunks))
    const end =
      file === undefined || before === undefined ? () => Promise.resolve() : checkUnchanged(path, file, before)
    return {
      body: Stream.fromAsyncIterable(goingOn(begun, progress, end), cannotBeRead(name)),
      gzip: begun.beginning.subarray(0, GZIP.length).equals(GZIP)
    }
  })
