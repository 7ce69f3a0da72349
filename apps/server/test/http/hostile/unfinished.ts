import { tokens } from "./fixture.ts"
import { auth, bytes, HOST, JSON_TYPE, LIST, type Row, raw, row } from "./Row.ts"

const FULL = `${LIST}/full`
const signed = [HOST, auth(tokens.member)]
const put = (...headers: ReadonlyArray<string>): string =>
  raw(`PUT ${FULL} HTTP/1.1`, [...signed, JSON_TYPE, ...headers]).toString()

const TEN_GIGABYTES = "Content-Length: 10000000000"
const CHUNKED = "Transfer-Encoding: chunked"

const stays: ReadonlyArray<readonly [what: string, status: number, bytes: Buffer]> = [
  ["above the maximum", 413, raw(`PUT ${FULL} HTTP/1.1`, [...signed, JSON_TYPE, TEN_GIGABYTES])],
  ["of the wrong type", 415, raw(`PUT ${FULL} HTTP/1.1`, [...signed, TEN_GIGABYTES])],
  ["without a token", 401, raw(`PUT ${FULL} HTTP/1.1`, [HOST, JSON_TYPE, TEN_GIGABYTES])],
  ["behind an unknown path", 404, raw("PUT /nowhere HTTP/1.1", [HOST, TEN_GIGABYTES])],
  ["behind an unknown method", 405, raw(`PATCH ${LIST} HTTP/1.1`, [HOST, TEN_GIGABYTES])],
  ["behind what is not offered", 501, raw("POST /v1.0/1234/instances HTTP/1.1", [...signed, TEN_GIGABYTES])],
  ["where none belongs", 400, raw(`DELETE ${FULL} HTTP/1.1`, [...signed, TEN_GIGABYTES])],
  ["in chunks behind an unknown path", 404, raw("PUT /nowhere HTTP/1.1", [HOST, CHUNKED], "2\r\n{}\r\n")],
  ["in chunks of the wrong type", 415, raw(`PUT ${FULL} HTTP/1.1`, [...signed, CHUNKED], "2\r\n{}\r\n")]
]

const importOf = (query: string, ...headers: ReadonlyArray<string>): string =>
  raw(`POST /v1.0/1234/imports?${query} HTTP/1.1`, [
    ...signed,
    "Content-Type: application/x-ndjson",
    ...headers
  ]).toString()

const begun = (text: string): Buffer => bytes(text)

/** Requests that never end: they are answered when their time is up, or before, where what has come is enough. */
export const unfinished: ReadonlyArray<Row> = [
  row("a method that does not end", 400, begun("GE")),
  row("a target that does not end", 400, begun(`GET ${LIST}`)),
  row("a request line without headers", 400, begun(`GET ${LIST} HTTP/1.1\r\n`)),
  row("headers that do not end", 400, begun(`GET ${LIST} HTTP/1.1\r\n${signed.join("\r\n")}\r\n`)),
  row("a header that does not end", 400, begun(`GET ${LIST} HTTP/1.1\r\n${signed.join("\r\n")}\r\nX-Pad: `)),
  row("a body of which nothing comes", 400, begun(put("Content-Length: 100"))),
  row("a body of which a part comes", 400, begun(`${put("Content-Length: 100")}{"backup"`)),
  row("a body of which all but a byte comes", 400, begun(`${put("Content-Length: 100")}${" ".repeat(99)}`)),
  row("chunks of which none comes", 400, begun(put("Transfer-Encoding: chunked"))),
  row("a chunk that does not end", 400, begun(`${put("Transfer-Encoding: chunked")}64\r\n{"backup"`)),
  row("chunks without a last one", 400, begun(`${put("Transfer-Encoding: chunked")}2\r\n{}\r\n`)),
  row("trailers that do not end", 400, begun(`${put("Transfer-Encoding: chunked")}2\r\n{}\r\n0\r\nX: y\r\n`)),
  row(
    "chunks that do not begin where no body belongs",
    400,
    raw(`GET ${LIST} HTTP/1.1`, [...signed, "Transfer-Encoding: chunked"])
  ),
  row("an import of which nothing comes", 400, begun(importOf("source=a", "Content-Length: 100"))),
  row("an import of which a line comes", 400, begun(`${importOf("source=b", CHUNKED)}2\r\n{\n\r\n`)),
  row("an import without a last chunk", 400, begun(`${importOf("source=c&dry_run=1", CHUNKED)}3\r\n{}\n\r\n`)),
  row(
    "an import in gzip of which a part comes",
    400,
    begun(`${importOf("source=d", CHUNKED, "Content-Encoding: gzip")}1\r\n\x1f\r\n`)
  ),
  row(
    "an import of the wrong type that does not come",
    415,
    begun(importOf("source=e", CHUNKED, "Content-Encoding: br"))
  ),
  row(
    "an import of ten gigabytes without a token",
    401,
    raw("POST /v1.0/1234/imports?source=f HTTP/1.1", [HOST, TEN_GIGABYTES])
  ),
  row("a body that was promised for later", [100, 400], begun(put("Expect: 100-continue", "Content-Length: 100"))),
  row("a body of ten gigabytes", 413, begun(put("Content-Length: 10000000000", "Connection: close"))),
  row(
    "a body of 9,007,199,254,740,993 bytes",
    413,
    begun(put("Content-Length: 9007199254740993", "Connection: close"))
  ),
  row(
    "a body of ten gigabytes for a reader",
    403,
    raw(`PUT ${FULL} HTTP/1.1`, [HOST, auth(tokens.reader), "Content-Length: 10000000000", "Connection: close"])
  ),
  row(
    "a body of ten gigabytes without a token",
    401,
    raw(`PUT ${FULL} HTTP/1.1`, [HOST, "Content-Length: 10000000000", "Connection: close"])
  ),
  row(
    "a body of ten gigabytes behind an unknown path",
    404,
    raw("PUT /nowhere HTTP/1.1", [HOST, "Content-Length: 10000000000", "Connection: close"])
  ),
  row(
    "a body that does not come where none belongs",
    400,
    raw(`DELETE ${FULL} HTTP/1.1`, [...signed, "Content-Length: 100", "Connection: close"])
  ),
  ...stays.map(([what, status, bytes]) =>
    row(`a body that does not come, on a connection that stays, ${what}`, status, bytes)
  ),
  row(
    "a good request before one that does not end",
    [200, 400],
    begun(`GET ${LIST} HTTP/1.1\r\n${signed.join("\r\n")}\r\n\r\nGET ${LIST}`)
  ),
  row(
    "a good request before a body that does not come",
    [200, 400],
    begun(`GET ${LIST} HTTP/1.1\r\n${signed.join("\r\n")}\r\n\r\n${put("Content-Length: 100")}`)
  )
]
