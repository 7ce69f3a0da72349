import { Context, Effect, Layer, Logger } from "effect"
import { type Logger as Pino, pino } from "pino"
import { ATOMIC_BYTES, GATHERED_BYTES, makeDestination } from "./log/destination.ts"
import { effectLogger } from "./log/effectLogger.ts"
import { makeRequestLog, RequestLog } from "./log/RequestLog.ts"

/** The levels that can be asked for. */
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const

/** The log of the process: JSON lines on stderr. */
export class Log extends Context.Tag("@backup-catalog/server/Log")<Log, Pino>() {}

/**
 * JSON lines on stderr, also for what is logged through Effect. Lines are gathered for a moment and flushed at the end;
 * fewer where the process `shares` its stderr with others.
 */
export const layer = (level: (typeof logLevels)[number], shares = false): Layer.Layer<Log | RequestLog> =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const destination = makeDestination(shares ? ATOMIC_BYTES : GATHERED_BYTES)
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
      return Layer.mergeAll(
        Layer.succeed(Log, log),
        Layer.succeed(RequestLog, makeRequestLog(log, destination.write)),
        Logger.replace(Logger.defaultLogger, effectLogger(log))
      )
    })
  )
