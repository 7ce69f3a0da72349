import { Context } from "effect"
import type { Logger as Pino } from "pino"

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

/** Microseconds as milliseconds; to write a number with a fraction takes ten times as long as two without. */
const millis = (micros: number): string => `${Math.trunc(micros / 1000)}.${String((micros % 1000) + 1000).slice(1)}`

/** Texts of one byte a character, none of which JSON escapes. */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/**
 * Writes the lines of requests, where the level of a log has them; `write` is given a line, and its bytes where those
 * are known.
 */
export const makeRequestLog = (
  log: Pino,
  write: (line: string, length?: number) => void
): typeof RequestLog.Service => {
  if (!log.isLevelEnabled("info")) return () => {}
  const time = makeClock()
  // By the general way the one line that every request has costs as much as looking up its token.
  return ({ id, trace, method, path, account, status, micros }) => {
    const isPlain = plain.test(path)
    const shown = isPlain ? `"${path}"` : JSON.stringify(path)
    const of = account === undefined ? "" : `,"account":"${account}"`
    const traced = trace === undefined ? "" : `,"trace_id":"${trace}"`
    const line = `{"level":"info","time":"${time()}","msg":"request","id":"${id}"${traced},"method":"${method}","path":${shown}${of},"status":${status},"ms":${millis(micros)}}\n`
    write(line, isPlain ? line.length : undefined)
  }
}
