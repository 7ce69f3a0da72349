/**
 * The most of a body that is one batch: bytes, and chunks of them, which may be small. Two more are made while it is
 * written.
 */
const HELD = { bytes: 1024 * 1024, chunks: 1000 }

/** For how long what has come waits for more, in milliseconds. */
const WAIT = 200

const nothing = Symbol("nothing")

/** What a promise comes to, or `nothing` when that takes longer than so many milliseconds. */
const within = async <A>(promise: Promise<A>, millis: number): Promise<A | typeof nothing> => {
  let timer: NodeJS.Timeout | undefined
  const waited = new Promise<typeof nothing>((resolve) => {
    timer = setTimeout(resolve, millis, nothing)
  })
  try {
    return await Promise.race([promise, waited])
  } finally {
    clearTimeout(timer)
  }
}

/** Chunks that wait to go on together. */
class Batch {
  #chunks: Array<Buffer> = []
  #bytes = 0
  #until = 0

  get isEmpty(): boolean {
    return this.#chunks.length === 0
  }

  /** For how many milliseconds it still waits for more. */
  get rest(): number {
    return this.#until - performance.now()
  }

  get isFull(): boolean {
    return this.#chunks.length >= HELD.chunks || this.#bytes >= HELD.bytes || this.rest <= 0
  }

  add(chunk: Buffer): void {
    if (this.isEmpty) this.#until = performance.now() + WAIT
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
  }

  take(): ReadonlyArray<Buffer> {
    const chunks = this.#chunks
    this.#chunks = []
    this.#bytes = 0
    return chunks
  }
}

/**
 * Chunks in batches: as many as may be held, and fewer where they come slowly. What came before the chunks break off
 * comes first.
 */
export async function* bodyBatches(chunks: AsyncIterable<Buffer>): AsyncGenerator<ReadonlyArray<Buffer>, void> {
  const iterator = chunks[Symbol.asyncIterator]()
  const ask = () => {
    const asked = iterator.next()
    // It may fail while nobody looks; who asks again hears of it.
    asked.catch(() => {})
    return asked
  }
  const batch = new Batch()
  let next = ask()
  while (true) {
    let came: IteratorResult<Buffer> | typeof nothing
    try {
      came = batch.isEmpty ? await next : await within(next, batch.rest)
    } catch (cause) {
      if (!batch.isEmpty) yield batch.take()
      throw cause
    }
    if (came !== nothing) {
      if (came.done === true) break
      batch.add(came.value)
      next = ask()
      if (!batch.isFull) continue
    }
    yield batch.take()
  }
  if (!batch.isEmpty) yield batch.take()
}
