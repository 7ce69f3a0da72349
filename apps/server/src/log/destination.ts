import { pino } from "pino"
import { openStderr, writeAll } from "./stderr.ts"

/** Lines are gathered up to so many bytes, or until the next flush: each write is a turn of another thread. */
export const GATHERED_BYTES = 16_000

/**
 * What several processes write into one pipe, each at once, does not get mixed up to so many bytes (pipe(7), PIPE_BUF).
 */
export const ATOMIC_BYTES = 4096

/** How much is held that nobody takes, in bytes: a reader that hangs must not have all of the memory. */
const MAX_UNREAD_BYTES = 8 * 2 ** 20

/** How soon what nobody took at once is tried again, in milliseconds. */
const RETRY_MILLIS = 10

/** For how long nothing may be taken of what is left at the end, in milliseconds. */
const END_PATIENCE_MILLIS = 2000

/**
 * Where lines go. What cannot be written, as on a full disk, is lost, and what comes after it is tried anew; what
 * nobody reads in time is lost as well, and how much that was is said as soon as somebody does. `gathered` is how many
 * bytes of lines are written at once.
 */
export const makeDestination = (gathered: number) => {
  const fd = openStderr()
  let isFailing = false
  let hasEnded = false
  let lost = 0
  const tellLost = () => {
    if (lost === 0) return
    const count = lost
    lost = 0
    const msg = `${count} lines of this log are lost: they were not read in time`
    current.write(`${JSON.stringify({ level: "warn", time: new Date().toISOString(), msg })}\n`)
    // Nor is there room for this one.
    if (lost > 0) lost = count
  }
  const open = () => {
    const stream = pino.destination({
      fd,
      sync: false,
      // With none it would try nothing again.
      minLength: 1,
      maxWrite: gathered,
      maxLength: MAX_UNREAD_BYTES,
      retryEAGAIN: () => false
    })
    stream.on("drop", (dropped: string) => {
      lost += dropped.split("\n").length - 1
    })
    // Called where the process ends by a mistake of its own. It would try for ever.
    const flushSync = stream.flushSync.bind(stream)
    stream.flushSync = () => {
      if (isFailing || hasEnded) return
      try {
        flushSync()
        if (stream === current) writeAll(fd, take())
      } catch {
        // Nobody reads.
      }
    }
    let again: NodeJS.Timeout | undefined
    stream.on("write", () => {
      clearTimeout(again)
      isFailing = false
      tellLost()
    })
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // Nobody has read: its own way is to try every 100 ms, in which a busy log has more than fits into a pipe.
      if (error.code === "EAGAIN") {
        clearTimeout(again)
        again = setTimeout(() => stream.flush(), RETRY_MILLIS)
        return
      }
      isFailing = true
      // It keeps what it could not write, and nobody but us can do without.
      if (stream !== current) return
      current = open()
      isCut = true
    })
    return stream
  }
  let current = open()
  // The stream counts the bytes of all that it has gathered anew with each line, so it gets many at once.
  let lines = ""
  let bytes = 0
  // Whether a line may have been written in part.
  let isCut = false
  const take = (): string => {
    const all = isCut ? `\n${lines}` : lines
    isCut = false
    lines = ""
    bytes = 0
    return all
  }
  const handOver = () => {
    if (lines !== "") current.write(take())
  }
  return {
    write: (line: string, length = Buffer.byteLength(line)) => {
      if (hasEnded) return
      if (bytes + length > gathered) handOver()
      lines += line
      bytes += length
    },
    flush: handOver,
    /** Writes what is left, until it cannot be written or nobody takes it. */
    end: () =>
      new Promise<void>((resolve) => {
        handOver()
        hasEnded = true
        const stream = current
        const done = () => {
          clearTimeout(timer)
          resolve()
        }
        const timer = setTimeout(done, END_PATIENCE_MILLIS)
        stream.on("write", () => timer.refresh())
        stream.on("close", done)
        stream.on("error", () => {
          if (isFailing) done()
        })
        stream.end()
      })
  }
}
