import { constants, fstatSync, openSync, writeSync } from "node:fs"
import { Cause, Context, Effect, HashMap, Layer, Logger, LogLevel } from "effect"
import { type Logger as Pino, pino } from "pino"

/** The levels that can be asked for. */
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const

/** The log of the process: JSON lines on stderr. */
export class Log extends Context.Tag("@backup-catalog/server/Log")<Log, Pino>() {}

/** What the log says of a request. */
export interface RequestLine {
  readonly id: string
  /** The id of its trace, where there are traces. */
  readonly trace: string | undefined
  readonly method: string
  readonly path: string
  /** The account in the path, where there is one: of the characters of an account. */
  readonly account: string | undefined
  readonly status: number
  /** How long it took, in whole microseconds. */
  readonly micros: number
}

/** Logs a request, at the level info. */
export class RequestLog extends Context.Tag("@backup-catalog/server/RequestLog")<
  RequestLog,
  (line: RequestLine) => void
>() {}

/** The time as the log writes it; many lines of one millisecond share one text. */
const makeClock = () => {
  let millis = 0
  let text = ""
  return (): string => {
    const now = Date.now()
    if (now !== millis) {
      millis = now
      text = new Date(now).toISOString()
    }
    return text
  }
}

/** Lines are gathered up to so many bytes, or until the next flush: each write is a turn of another thread. */
const GATHERED = 16_000

/** What several processes write into one pipe, each at once, does not get mixed up to so many bytes (pipe(7), PIPE_BUF). */
const ATOMIC = 4096

/** How much is held that nobody takes, in bytes: a reader that hangs must not have all of the memory. */
const HELD = 8 * 2 ** 20

/** How soon what nobody took at once is tried again, in milliseconds. */
const AGAIN = 10

/** For how long nothing may be taken of what is left at the end, in milliseconds. */
const LAST = 2000

/**
 * stderr, such that writing does not wait where it is a pipe: a write that waits in a thread for somebody to read keeps the
 * process from ending. A pipe is opened anew, since others who write into it may want to wait.
 */
const openStderr = (): number => {
  const stats = fstatSync(2)
  if (!stats.isFIFO() && !stats.isSocket()) return 2
  try {
    if (stats.isFIFO()) return openSync("/dev/stderr", constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    // It may belong to another user, or have no reader any more.
  }
  // Node sees to it when it is first looked at.
  void process.stderr
  return 2
}

/** Writes a text at once; as much of it as there is room for, where nobody waits. */
const writeAll = (fd: number, text: string): void => {
  for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest))
}

/**
 * Where lines go. What cannot be written, as on a full disk, is lost, and what comes after it is tried anew; what nobody
 * reads in time is lost as well, and how much that was is said as soon as somebody does.
 */
const makeDestination = (gathered: number) => {
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
      maxLength: HELD,
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
        again = setTimeout(() => stream.flush(), AGAIN)
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
        const timer = setTimeout(done, LAST)
        stream.on("write", () => timer.refresh())
        stream.on("close", done)
        stream.on("error", () => {
          if (isFailing) done()
        })
        stream.end()
      })
  }
}

const pinoLevel = (level: LogLevel.LogLevel): "debug" | "info" | "warn" | "error" =>
  LogLevel.greaterThanEqual(level, LogLevel.Error)
    ? "error"
    : LogLevel.greaterThanEqual(level, LogLevel.Warning)
      ? "warn"
      : LogLevel.greaterThanEqual(level, LogLevel.Info)
        ? "info"
        : "debug"

const text = (part: unknown): string =>
  typeof part === "string" ? part : part instanceof Error ? String(part) : JSON.stringify(part)

/** Microseconds as milliseconds; to write a number with a fraction takes ten times as long as two without. */
const millis = (micros: number): string => `${Math.trunc(micros / 1000)}.${String((micros % 1000) + 1000).slice(1)}`

/** Texts of one byte a character, none of which JSON escapes. */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

// The one line that every request has is put together here: by the general way it costs as much as looking up its token.
const makeRequestLog = (log: Pino, write: (line: string, length?: number) => void): typeof RequestLog.Service => {
  if (!log.isLevelEnabled("info")) return () => {}
  const time = makeClock()
  return ({ id, trace, method, path, account, status, micros }) => {
    const isPlain = plain.test(path)
    const shown = isPlain ? `"${path}"` : JSON.stringify(path)
    const of = account === undefined ? "" : `,"account":"${account}"`
    const traced = trace === undefined ? "" : `,"trace_id":"${trace}"`
    const line = `{"level":"info","time":"${time()}","msg":"request","id":"${id}"${traced},"method":"${method}","path":${shown}${of},"status":${status},"ms":${millis(micros)}}\n`
    write(line, isPlain ? line.length : undefined)
  }
}

/**
 * JSON lines on stderr, also for what is logged through Effect. Lines are gathered for a moment and flushed at the end;
 * fewer where the process `shares` its stderr with others.
 */
export const layer = (level: (typeof logLevels)[number], shares = false): Layer.Layer<Log | RequestLog> =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const destination = makeDestination(shares ? ATOMIC : GATHERED)
      const flush = setInterval(() => destination.flush(), 200)
      yield* Effect.addFinalizer(() =>
        Effect.promise(() => {
          clearInterval(flush)
          return destination.end()
        })
      )
      const log = pino(
        {
          level,
          base: null,
          formatters: { level: (label) => ({ level: label }) },
          timestamp: pino.stdTimeFunctions.isoTime
        },
        destination
      )
      const effectLogger = Logger.make(({ logLevel, message, cause, annotations }) => {
        const parts = Array.isArray(message) ? message : [message]
        log[pinoLevel(logLevel)]({
          ...Object.fromEntries(HashMap.toEntries(annotations)),
          msg: parts.map(text).join(" "),
          ...(Cause.isEmpty(cause) ? {} : { cause: Cause.pretty(cause, { renderErrorCause: true }) })
        })
      })
      return Layer.mergeAll(
        Layer.succeed(Log, log),
        Layer.succeed(RequestLog, makeRequestLog(log, destination.write)),
        Logger.replace(Logger.defaultLogger, effectLogger)
      )
    })
  )
