import { MessageChannel } from "node:worker_threads"

/** What is smaller is not worth the 3 µs that it takes, in bytes. */
const LARGE = 16_384

// What is moved to a port that is closed is gone (HTML, 9.4.4, message port post message steps).
const { port1: nowhere } = new MessageChannel()
nowhere.close()

const ownsItsMemory = ({ byteLength, buffer }: Uint8Array): boolean => byteLength === buffer.byteLength

/**
 * Gives the memory of bytes back that nobody reads any more; they are empty then.
 *
 * The collector would find them as well, but it is called for each 30 MB of such bytes, which are 60 pages of 1,000,
 * and had more than half of the time that such a page took (docs/decisions/0017-memory-of-answers.md). Bytes that share
 * their memory with others are left to it.
 */
export const freeMemory = (bytes: Uint8Array): void => {
  if (bytes.byteLength < LARGE || !ownsItsMemory(bytes)) return
  nowhere.postMessage(undefined, [bytes.buffer as ArrayBuffer])
}
