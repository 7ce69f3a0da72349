/** The most of a body that is held at once: bytes, and chunks of them, which may be small. */
const HELD = { bytes: 4 * 1024 * 1024, chunks: 1000 }

/** For how long nothing more comes until what there is goes on by itself, in milliseconds. */
const QUIET = 200

const quiet = Symbol("quiet")

/** What a promise comes to, or `quiet` when that takes too long. */
const unlessQuiet = async <A>(promise: Promise<A>): Promise<A | typeof quiet> => {
  let timer: NodeJS.Timeout | undefined
  const waited = new Promise<typeof quiet>((resolve) => {
    timer = setTimeout(resolve, QUIET, quiet)
  })
  try {
    return await Promise.race([promise, waited])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Chunks in batches: as many as may be held, and fewer where the next one lets itself be waited for. What came before the
 * chunks break off comes first.
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
  let next = ask()
  while (true) {
    let came: IteratorResult<Buffer> | typeof quiet
    try {
      came = batch.length === 0 ? await next : await unlessQuiet(next)
    } catch (cause) {
      if (batch.length > 0) yield batch
      throw cause
    }
    if (came !== quiet) {
      if (came.done === true) break
      batch.push(came.value)
      bytes += came.value.length
      next = ask()
      if (batch.length < HELD.chunks && bytes < HELD.bytes) continue
    }
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}
