import { Cause, HashMap, Logger, LogLevel } from "effect"
import type { Logger as Pino } from "pino"

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

/** Writes what is logged through Effect into a log. */
export const effectLogger = (log: Pino): Logger.Logger<unknown, void> =>
  Logger.make(({ logLevel, message, cause, annotations }) => {
    const parts = Array.isArray(message) ? message : [message]
    log[pinoLevel(logLevel)]({
      ...Object.fromEntries(HashMap.toEntries(annotations)),
      msg: parts.map(text).join(" "),
      ...(Cause.isEmpty(cause) ? {} : { cause: Cause.pretty(cause, { renderErrorCause: true }) })
    })
  })
