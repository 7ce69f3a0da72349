import { tokens } from "./fixture.ts"

/** A hostile request, as the bytes that are sent, and what must come back. */
export interface Row {
  readonly name: string
  readonly bytes: Buffer
  /** The status of every answer that comes before the server closes the connection. */
  readonly answers: ReadonlyArray<number>
  /** What the last answer must say: the parameter at fault, for example. */
  readonly says?: string
  /** What no answer may say. */
  readonly lacks?: string
  /** The `Allow` of the last answer. */
  readonly allow?: string
  /** The answers have no body, because the method is HEAD. */
  readonly bodiless?: boolean
}

/** A row in one line; `status` is that of the only answer, or of all. */
export const row = (
  name: string,
  status: number | ReadonlyArray<number>,
  bytes: Buffer,
  checks: Pick<Row, "says" | "lacks" | "allow" | "bodiless"> = {}
): Row => ({ name, answers: typeof status === "number" ? [status] : status, bytes, ...checks })

/** Bytes, each given as a character up to `\xff`. */
export const bytes = (text: string): Buffer => Buffer.from(text, "latin1")

/** A request of a line, headers and a body, with nothing added. The head is Latin-1, a body of text UTF-8. */
export const raw = (line: string, headers: ReadonlyArray<string>, body: string | Buffer = ""): Buffer =>
  Buffer.concat([bytes([line, ...headers, "", ""].join("\r\n")), Buffer.from(body)])

export const HOST = "Host: catalog.example"
export const CLOSE = "Connection: close"
export const JSON_TYPE = "Content-Type: application/json"

/** The list of the account that the requests aim at. */
export const LIST = "/v1.0/1234/backups"
/** The list of the account that odd but good requests may write to. */
export const SCRATCH = "/v1.0/scratch/backups"

/** The header of a token. */
export const auth = (token: string): string => `X-Auth-Token: ${token}`

/** A request with the token of a member of the account that a path names, 1234 or scratch. */
export const ask = (
  method: string,
  target: string,
  headers: ReadonlyArray<string> = [],
  body: string | Buffer = ""
): Buffer => {
  const token = target.startsWith(SCRATCH) ? tokens.scratch : tokens.member
  return raw(`${method} ${target} HTTP/1.1`, [HOST, auth(token), ...headers, CLOSE], body)
}

/** A GET with the token of a member. */
export const get = (target: string, ...headers: ReadonlyArray<string>): Buffer => ask("GET", target, headers)

/** A request with a body and its length. */
export const send = (
  method: string,
  target: string,
  body: string | Buffer,
  headers: ReadonlyArray<string> = [JSON_TYPE]
): Buffer => ask(method, target, [...headers, `Content-Length: ${Buffer.byteLength(body)}`], body)

/** A request with a value as its JSON body. */
export const sendJson = (method: string, target: string, value: unknown): Buffer =>
  send(method, target, JSON.stringify(value))

/** A body in chunks of some bytes at most. */
export const chunked = (body: string | Buffer, size = 65_536): Buffer => {
  const whole = Buffer.from(body)
  const parts: Array<Buffer> = []
  for (let start = 0; start < whole.length; start += size) {
    const part = whole.subarray(start, start + size)
    parts.push(bytes(`${part.length.toString(16)}\r\n`), part, bytes("\r\n"))
  }
  return Buffer.concat([...parts, bytes("0\r\n\r\n")])
}

/** Values without spaces, which are many and short: one after the other in a text. */
export const words = (text: string): ReadonlyArray<string> => text.trim().split(/\s+/)

/** A value as the name of a row shows it. */
export const shown = (value: unknown): string => {
  const text = typeof value === "string" ? value : JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 40)}… of ${text.length}`
}
