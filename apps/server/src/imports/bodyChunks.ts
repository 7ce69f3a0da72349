import type { Readable } from "node:stream"

/** No chunk came for longer than there may be none. */
export class Paused extends Error {
  override readonly name = "Paused"
}

/** Chunks as they come, and what ends the reading of them early. */
export interface BodyChunks {
  readonly chunks: AsyncIterable<Buffer>
  /** Fails a read that waits, and throws away what is left as it comes. */
  readonly stop: () => void
}

interface Waiting {
  readonly resolve: (result: IteratorResult<Buffer, undefined>) => void
  readonly reject: (cause: unknown) => void
}

/**
 * What a stream has, chunk by chunk, one at a time. Throws when it breaks off, and `Paused` when it has nothing for so
 * many milliseconds while somebody waits for it.
 *
 * Unlike the iterator of the stream, whose reads cannot be given up, and which then keeps the stream from flowing.
 */
export const bodyChunks = (body: Readable, pause: number | undefined): BodyChunks => {
  let waiting: Waiting | undefined
  let chunk: Buffer | undefined
  let end: "not yet" | "ended" | { readonly cause: unknown } = "not yet"
  let timer: NodeJS.Timeout | undefined

  const answer = (): void => {
    if (waiting === undefined) return
    const { resolve, reject } = waiting
    if (chunk !== undefined) resolve({ done: false, value: chunk })
    else if (end === "ended") resolve({ done: true, value: undefined })
    else if (end !== "not yet") reject(end.cause)
    else return
    clearTimeout(timer)
    waiting = undefined
    chunk = undefined
  }
  const finish = (how: typeof end): void => {
    if (end === "not yet") end = how
    answer()
  }
  const onData = (data: Buffer): void => {
    body.pause()
    chunk = data
    answer()
  }
  const brokenOff = (cause: unknown = new Error("the stream was closed before its end")) => finish({ cause })

  body.pause()
  body.on("data", onData)
  body.once("end", () => finish("ended"))
  body.on("error", brokenOff)
  body.once("close", () => brokenOff())
  if (body.destroyed) brokenOff(body.errored ?? undefined)

  const next = (): Promise<IteratorResult<Buffer, undefined>> =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject }
      answer()
      if (waiting === undefined) return
      if (pause !== undefined) timer = setTimeout(() => brokenOff(new Paused()), pause)
      body.resume()
    })

  return {
    chunks: { [Symbol.asyncIterator]: () => ({ next }) },
    stop: () => {
      body.off("data", onData)
      brokenOff(new Error("nobody reads the stream any more"))
      body.resume()
    }
  }
}
