import { Cause, Context, Effect, HashMap, Layer, Logger, LogLevel } from "effect"
import { type Logger as Pino, pino } from "pino"

/** The levels that can be asked for. */
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const

/** The log of the process: JSON lines on stderr. */
export class Log extends Context.Tag("@backup-catalog/server/Log")<Log, Pino>() {}

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

/** JSON lines on stderr, also for what is logged through Effect. Lines are gathered for a moment and flushed at the end. */
export const layer = (level: (typeof logLevels)[number]): Layer.Layer<Log> =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const destination = pino.destination({ fd: 2, sync: false, minLength: 4096 })
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
      return Layer.merge(Layer.succeed(Log, log), Logger.replace(Logger.defaultLogger, effectLogger))
    })
  )
