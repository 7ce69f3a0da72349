/** The most that is read before it is written, in bytes: large records make smaller batches. */
const BATCH_BYTES = 8 * 1024 * 1024

/**
 * Entries in batches of a size, and of fewer where they are large; what was read before the file breaks off comes
 * first.
 */
export async function* batches<Entry extends { readonly bytes: number }>(
  entries: AsyncIterable<ReadonlyArray<Entry>>,
  size: number
): AsyncGenerator<ReadonlyArray<Entry>, void> {
  let batch: Array<Entry> = []
  let bytes = 0
  try {
    for await (const some of entries) {
      for (const entry of some) {
        batch.push(entry)
        bytes += entry.bytes
        if (batch.length < size && bytes < BATCH_BYTES) continue
        yield batch
        batch = []
        bytes = 0
      }
    }
  } catch (cause) {
    if (batch.length > 0) yield batch
    throw cause
  }
  if (batch.length > 0) yield batch
}
