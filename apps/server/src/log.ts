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
  /** The account in the path, where there is one. */
  readonly account: string | undefined
  readonly status: number
  /** How long it took, in milliseconds. */
  readonly ms: number
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

/**
 * Where lines go. What cannot be written, as on a full disk, is lost, and what comes after it is tried anew; what nobody
 * reads in time is lost as well, and how much that was is said as soon as somebody does.
 */
const makeDestination = (options: object) => {
  let isFailing = false
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
    const stream = pino.destination({ ...options, maxLength: HELD })
    stream.on("drop", () => {
      lost++
    })
    // It would try for ever.
    const flushSync = stream.flushSync.bind(stream)
    stream.flushSync = () => {
      if (!isFailing) flushSync()
    }
    stream.on("write", () => {
      isFailing = false
      tellLost()
    })
    // It keeps what it could not write, and nobody but us can do without.
    stream.once("error", () => {
      isFailing = true
      current = open()
      // A line may have been written in part.
      current.write("\n")
    })
    return stream
  }
  let current = open()
  return {
    write: (line: string) => current.write(line),
    flush: () => current.flush(),
    flushSync: () => current.flushSync()
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

// The one line that every request has is put together here: by the general way it costs as much as looking up its token.
const makeRequestLog = (log: Pino, write: (line: string) => unknown): typeof RequestLog.Service => {
  if (!log.isLevelEnabled("info")) return () => {}
  const time = makeClock()
  return ({ id, trace, method, path, account, status, ms }) => {
    const of = account === undefined ? "" : `,"account":${JSON.stringify(account)}`
    const traced = trace === undefined ? "" : `,"trace_id":"${trace}"`
    write(
      `{"level":"info","time":"${time()}","msg":"request","id":"${id}"${traced},"method":"${method}","path":${JSON.stringify(path)}${of},"status":${status},"ms":${ms}}\n`
    )
  }
}

/**
 * JSON lines on stderr, also for what is logged through Effect. Lines are gathered for a moment and flushed at the end;
 * fewer where the process `shares` its stderr with others.
 */
export const layer = (level: (typeof logLevels)[number], shares = false): Layer.Layer<Log | RequestLog> =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const destination = makeDestination({
        fd: 2,
        sync: false,
        ...(shares ? { minLength: ATOMIC - 1024, maxWrite: ATOMIC } : { minLength: GATHERED })
      })
      const flush = setInterval(() => destination.flush(), 200)
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          clearInterval(flush)
          destination.flushSync()
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
        Layer.succeed(
          RequestLog,
          makeRequestLog(log, (line) => destination.write(line))
        ),
        Logger.replace(Logger.defaultLogger, effectLogger)
      )
    })
  )
