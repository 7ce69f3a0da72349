/** The most of a body that is held at once: bytes, and chunks of them, which may be small. */
const HELD = { bytes: 4 * 1024 * 1024, chunks: 1000 }

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

/**
 * Chunks in batches: as many as may be held, and fewer where they come slowly. What came before the chunks break off comes
 * first.
 */
export async function* bodyBatches(chunks: AsyncIterable<Buffer>): AsyncGenerator<ReadonlyArray<Buffer>, void> {
  const iterator = chunks[Symbol.asyncIterator]()
  const ask = () => {
    const asked = iterator.next()
    // It may fail while nobody looks; who asks again hears of it.
    asked.catch(() => {})
    return asked
  }
  let batch: Array<Buffer> = []
  let bytes = 0
  let since = 0
  let next = ask()
  while (true) {
    let came: IteratorResult<Buffer> | typeof nothing
    try {
      came = batch.length === 0 ? await next : await within(next, since + WAIT - performance.now())
    } catch (cause) {
      if (batch.length > 0) yield batch
      throw cause
    }
    if (came !== nothing) {
      if (came.done === true) break
      if (batch.length === 0) since = performance.now()
      batch.push(came.value)
      bytes += came.value.length
      next = ask()
      if (batch.length < HELD.chunks && bytes < HELD.bytes && performance.now() < since + WAIT) continue
    }
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}
