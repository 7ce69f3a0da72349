import { record, tokens } from "./fixture.ts"
import { ask, auth, bytes, CLOSE, chunked, HOST, JSON_TYPE, LIST, type Row, raw, row } from "./Row.ts"

const body = JSON.stringify({ backup: { ...record, name: "must not be written" } })
const whole = chunked(body)

const FULL = `${LIST}/full`
/** What would delete a backup if the server saw a second request where there is none. */
const smuggled = `DELETE ${FULL} HTTP/1.1\r\n${HOST}\r\n${auth(tokens.member)}\r\n\r\n`

const put = (headers: ReadonlyArray<string>, content: string | Buffer = body): Buffer =>
  ask("PUT", FULL, [JSON_TYPE, ...headers], content)

const TE = "Transfer-Encoding"
const CL = "Content-Length"
const length = `${CL}: ${Buffer.byteLength(body)}`

const inChunks = (content: string): Buffer => put([`${TE}: chunked`], bytes(content))
const size = Buffer.byteLength(body).toString(16)
const sized = (line: string): Buffer => inChunks(`${line}\r\n${body}\r\n0\r\n\r\n`)

const badChunks = (line: string, ...headers: ReadonlyArray<string>): Buffer =>
  raw(`${line} HTTP/1.1`, [...headers, `${TE}: chunked`], "zz\r\n")

const lengths = [
  "abc",
  "-1",
  "+5",
  "0x5",
  "5.0",
  "5e0",
  "1_0",
  "5 5",
  "5,5",
  "5, 5",
  "5;5",
  '"5"',
  "",
  "\xd9\xa5",
  "\xb2",
  "NaN",
  "null",
  "5\0",
  "5\v",
  "99999999999999999999",
  "18446744073709551616",
  "18446744073709551621",
  "9".repeat(1000)
]

const sizes = [
  "zz",
  "-1",
  "+5",
  "0x5",
  "5.0",
  "5 5",
  "5,5",
  "",
  " ",
  ";a=b",
  "5\0",
  "\xb2",
  "fffffffffffffffff",
  "ffffffffffffffff1",
  "1_0",
  "#5",
  '"5"'
]

const codings = [
  "identity",
  "gzip",
  "deflate",
  "chunked, identity",
  "chunked, gzip",
  "chunked, chunked",
  "chunked,chunked",
  "xchunked",
  "chunkedx",
  "chunke",
  "chunked chunked",
  "chunked;q=1",
  "chunked;",
  '"chunked"',
  "'chunked'",
  "chunked\0",
  "\vchunked",
  "chunked\v",
  "chunked\xa0",
  "\xa0chunked",
  "",
  ",",
  "chunked/",
  "[chunked]",
  "chunked, ",
  "null"
]

const both: ReadonlyArray<readonly [name: string, headers: ReadonlyArray<string>]> = [
  ["a length before chunks", [length, `${TE}: chunked`]],
  ["a length behind chunks", [`${TE}: chunked`, length]],
  ["a length of 0 before chunks", [`${CL}: 0`, `${TE}: chunked`]],
  ["a length of 0 behind chunks", [`${TE}: chunked`, `${CL}: 0`]],
  ["a length and chunks in capitals", [length, "TRANSFER-ENCODING: CHUNKED"]],
  ["a length and identity", [length, `${TE}: identity`]],
  ["a length behind identity", [`${TE}: identity`, length]],
  ["a length and gzip", [length, `${TE}: gzip`]],
  ["a length and an empty coding", [length, `${TE}:`]],
  ["a length and chunks behind a vertical tab", [length, `${TE}: \vchunked`]],
  ["a length and chunks behind two spaces", [length, `${TE}:  chunked`]],
  ["a length and chunks behind a tab", [length, `${TE}:\tchunked`]],
  ["a length and chunks without a space", [length, `${TE}:chunked`]],
  ["a length and chunks before a space", [length, `${TE}: chunked `]],
  ["a length and chunks in a name with a space", [length, `${TE} : chunked`]],
  ["a length and chunks in a name with a tab", [length, `${TE}\t: chunked`]],
  ["a length and chunks in a folded line", [length, `${TE}:\r\n chunked`]],
  ["a length and chunks in a line that begins with a space", [length, "X: y", ` ${TE}: chunked`]],
  ["a length, chunks, and identity", [length, `${TE}: chunked`, `${TE}: identity`]],
  ["a length, identity, and chunks", [length, `${TE}: identity`, `${TE}: chunked`]],
  ["two lengths and chunks", [length, length, `${TE}: chunked`]],
  ["chunks between two lengths", [length, `${TE}: chunked`, length]]
]

/** Where a request ends: lengths and chunks that contradict themselves, each other, or what follows. */
export const framing: ReadonlyArray<Row> = [
  ...lengths.map((value) => row(`a length of ${JSON.stringify(value).slice(0, 40)}`, 400, put([`${CL}: ${value}`]))),
  row("two lengths", 400, put([length, `${CL}: 1`])),
  row("two lengths the other way round", 400, put([`${CL}: 1`, length])),
  row("the same length twice", 400, put([length, length])),
  row("a length and an empty one", 400, put([length, `${CL}:`])),
  row("a length in capitals and in small letters", 400, put([length.toUpperCase(), length.toLowerCase()])),
  row("a length that is too short", 400, put([`${CL}: 10`])),
  row(
    "a length of which the end would be a request",
    [400],
    raw(`PUT ${FULL} HTTP/1.1`, [HOST, auth(tokens.member), JSON_TYPE, `${CL}: 2`, `${CL}: 3`], `{}${smuggled}`)
  ),

  ...both.map(([name, headers]) => row(name, 400, put(headers, whole))),
  ...both.map(([name, headers]) =>
    row(`${name}, and a request behind it`, 400, put(headers, Buffer.concat([bytes("0\r\n\r\n"), bytes(smuggled)])))
  ),
  row(
    "the request of another behind a length and chunks",
    400,
    put([`${CL}: 6`, `${TE}: chunked`], `0\r\n\r\n${smuggled}`)
  ),
  row(
    "the request of another behind chunks and a length",
    400,
    put([`${TE}: chunked`, `${CL}: 4`], `5c\r\n${smuggled}\r\n0\r\n\r\n`)
  ),
  row("the request of another behind two codings", 400, put([`${TE}: chunked`, `${TE}: x`], `0\r\n\r\n${smuggled}`)),
  row("the request of another behind an unknown coding", 400, put([`${TE}: x`, `${CL}: 0`], smuggled)),

  ...codings.map((value) => row(`the coding ${JSON.stringify(value)}`, 400, put([`${TE}: ${value}`], whole))),
  row("the coding chunked twice", 400, put([`${TE}: chunked`, `${TE}: chunked`], whole)),
  row("the codings chunked and identity in two headers", 400, put([`${TE}: chunked`, `${TE}: identity`], whole)),
  row("the codings identity and chunked in two headers", 400, put([`${TE}: identity`, `${TE}: chunked`], whole)),
  row("the codings gzip and chunked", 400, put([`${TE}: gzip, chunked`], whole)),
  row("the codings gzip and chunked in two headers", 400, put([`${TE}: gzip`, `${TE}: chunked`], whole)),
  row("an unknown coding and chunked", 400, put([`${TE}: x-unknown, chunked`], whole)),
  row("the codings identity and chunked", 400, put([`${TE}: identity, chunked`], whole)),
  row(
    "chunks in HTTP/1.0",
    400,
    raw(`PUT ${FULL} HTTP/1.0`, [HOST, auth(tokens.member), JSON_TYPE, `${TE}: chunked`], whole)
  ),

  ...sizes.map((value) => row(`a chunk of the size ${JSON.stringify(value)}`, 400, sized(value))),
  row("a chunk of a size with a space before it", 400, sized(` ${size}`)),
  row("a chunk of a size with a space behind it", 400, sized(`${size} `)),
  row("an unknown path before chunks that are none", 404, badChunks("PUT /nowhere", HOST)),
  row("a missing token before chunks that are none", 401, badChunks(`PUT ${FULL}`, HOST)),
  row("an unknown method before chunks that are none", 405, badChunks(`PATCH ${LIST}`, HOST)),
  row("HEAD with chunks that are none", 400, badChunks(`HEAD ${LIST}`, HOST, auth(tokens.member)), { bodiless: true }),
  row("a wrong type before chunks that are none", 415, badChunks(`PUT ${FULL}`, HOST, auth(tokens.member))),
  row("a chunk that is longer than its size", 400, inChunks(`2\r\n${body}\r\n0\r\n\r\n`)),
  row("a chunk that is shorter than its size", 400, inChunks("5\r\n{}\r\n0\r\n\r\n")),
  row("a chunk without an end", 400, inChunks(`${size}\r\n${body}0\r\n\r\n`)),
  row("a chunk that ends in a bare LF", 400, inChunks(`${size}\r\n${body}\n0\r\n\r\n`)),
  row("a chunk that ends in a bare CR", 400, inChunks(`${size}\r\n${body}\r0\r\n\r\n`)),
  row("a size that ends in a bare LF", 400, inChunks(`${size}\n${body}\r\n0\r\n\r\n`)),
  row("a size that ends in a bare CR", 400, inChunks(`${size}\r${body}\r\n0\r\n\r\n`)),
  row("a chunk extension of 100,000 bytes", 400, inChunks(`${size};${"x".repeat(100_000)}\r\n${body}\r\n0\r\n\r\n`)),
  row("20,000 chunk extensions", 400, inChunks(`${size}${";a".repeat(20_000)}\r\n${body}\r\n0\r\n\r\n`)),
  row("a chunk extension with a NUL", 400, inChunks(`${size};a=\0\r\n${body}\r\n0\r\n\r\n`)),
  row("a chunk extension with a bare LF", 400, inChunks(`${size};a\n${body}\r\n0\r\n\r\n`)),
  row("a chunk extension with a quote that does not end", 400, inChunks(`${size};a="b\r\n${body}\r\n0\r\n\r\n`)),
  row("a trailer without a colon", 400, inChunks(`${size}\r\n${body}\r\n0\r\nnonsense\r\n\r\n`)),
  row("a trailer with a NUL", 400, inChunks(`${size}\r\n${body}\r\n0\r\nX: \0\r\n\r\n`)),
  row("a trailer of 100,000 bytes", 400, inChunks(`${size}\r\n${body}\r\n0\r\nX: ${"x".repeat(100_000)}\r\n\r\n`)),
  row("20,000 trailers", 400, inChunks(`${size}\r\n${body}\r\n0\r\n${"a:\r\n".repeat(20_000)}\r\n`)),
  row(
    "a trailer that would condition the write too late",
    412,
    put([`${TE}: chunked`, "If-None-Match: *"], `${size}\r\n${body}\r\n0\r\nIf-None-Match: "x"\r\n\r\n`)
  ),

  row(
    "a request that would delete within a body of GET",
    400,
    ask("GET", LIST, [`${CL}: ${smuggled.length}`], smuggled)
  ),
  row(
    "a request that would delete within a chunk of GET",
    400,
    ask("GET", LIST, [`${TE}: chunked`], chunked(smuggled))
  ),
  row("a request that would delete behind a GET that closes", 200, ask("GET", LIST, [`${CL}: 0`], smuggled)),
  row(
    "a request that would delete behind empty chunks",
    200,
    ask("GET", LIST, [`${TE}: chunked`], `0\r\n\r\n${smuggled}`)
  ),
  row(
    "a body of HTTP/1.0 without a length",
    400,
    raw(`PUT ${FULL} HTTP/1.0`, [HOST, auth(tokens.member), JSON_TYPE], body)
  ),
  row(
    "a body of HTTP/1.1 without a length",
    400,
    raw(`PUT ${FULL} HTTP/1.1`, [HOST, auth(tokens.member), JSON_TYPE, CLOSE], body)
  )
]
