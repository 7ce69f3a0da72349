import type { Readable } from "node:stream"

/** The chunks of a stream of bytes; throws where it has more bytes. */
export async function* boundedChunks(stream: Readable, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > maxBytes) throw new Error(`it has more than ${maxBytes} bytes, which is the most that is read`)
    yield chunk
  }
}

/** The bytes of a stream; throws where it has more. */
export const boundedBytes = async (stream: Readable, maxBytes: number): Promise<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  for await (const chunk of boundedChunks(stream, maxBytes)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
