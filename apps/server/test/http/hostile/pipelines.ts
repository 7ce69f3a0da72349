import { tokens } from "./fixture.ts"
import { auth, bytes, get, HOST, JSON_TYPE, LIST, type Row, raw, row } from "./Row.ts"

const FULL = `${LIST}/full`
const open = (method: string, target: string, headers: ReadonlyArray<string> = [], body = ""): Buffer =>
  raw(`${method} ${target} HTTP/1.1`, [HOST, auth(tokens.member), ...headers], body)

const good = open("GET", LIST)
const last = get(LIST)
const nonsense = bytes("nonsense\r\n\r\n")
const chunked = ["Transfer-Encoding: chunked"]

const all = (...requests: ReadonlyArray<Buffer>): Buffer => Buffer.concat(requests)
const times = (count: number, request: Buffer): Buffer => Buffer.concat(Array.from({ length: count }, () => request))

/**
 * Several requests on one connection: good ones are answered whatever comes behind them, and nothing behind a bad one.
 */
export const pipelines: ReadonlyArray<Row> = [
  row("good, good, bad", [200, 200, 400], all(good, good, nonsense)),
  row("bad, good", 400, all(nonsense, last)),
  row("good, bad, good", [200, 400], all(good, nonsense, last)),
  row("good, unknown, good", [200, 404, 200], all(good, open("GET", "/nowhere"), last)),
  row(
    "one of every fault, then good",
    [404, 405, 401, 403, 400, 413, 404, 501, 200],
    all(
      open("GET", "/nowhere"),
      open("PATCH", LIST),
      raw(`GET ${LIST} HTTP/1.1`, [HOST]),
      open("GET", "/v1.0/99/backups"),
      open("GET", `${LIST}?limit=0`),
      open("GET", `${LIST}?limit=1001`),
      open("GET", `${LIST}/none`),
      open("GET", "/v1.0/1234/flavors"),
      last
    )
  ),
  row("a hundred good ones", Array(101).fill(200), all(times(100, good), last)),
  row("a hundred faults", [...Array(100).fill(400), 200], all(times(100, open("GET", `${LIST}?limit=0`)), last)),
  row(
    "a token that is not the next one's",
    [200, 401],
    all(good, raw(`GET ${LIST} HTTP/1.1`, [HOST, "Connection: close"]))
  ),
  row("a token that is not the one's before", [401, 200], all(raw(`GET ${LIST} HTTP/1.1`, [HOST]), last)),
  row("two accounts", [200, 403, 200], all(good, raw(`GET ${LIST} HTTP/1.1`, [HOST, auth(tokens.other)]), last)),
  row(
    "good, then a wrong Host",
    [200, 400],
    all(good, raw(`GET ${LIST} HTTP/1.1`, ["Host: a/b", auth(tokens.member)]))
  ),
  row(
    "good, then lengths that contradict",
    [200, 400],
    all(good, open("POST", LIST, ["Content-Length: 1", "Content-Length: 2"], "{}"))
  ),
  row(
    "good, then a length and chunks",
    [200, 400],
    all(good, open("POST", LIST, ["Content-Length: 5", ...chunked], "0\r\n\r\n"), last)
  ),
  row("good, then headers too large", [200, 400], all(good, open("GET", LIST, [`X-Pad: ${"x".repeat(20_000)}`]), last)),
  row("a body where none belongs, then good", [400, 200], all(open("GET", LIST, ["Content-Length: 2"], "{}"), last)),
  row(
    "a body in chunks where none belongs, then good",
    [400, 200],
    all(open("GET", LIST, chunked, "2\r\n{}\r\n0\r\n\r\n"), last)
  ),
  row(
    "a body that looks like a request, then good",
    [400, 200],
    all(open("GET", LIST, [`Content-Length: ${good.length}`], good.toString()), last)
  ),
  row(
    "a body without a token, then good",
    [401, 200],
    all(raw(`POST ${LIST} HTTP/1.1`, [HOST, JSON_TYPE, "Content-Length: 2"], "{}"), last)
  ),
  row(
    "a body behind an unknown path, then good",
    [404, 200],
    all(open("POST", "/nowhere", ["Content-Length: 2"], "{}"), last)
  ),
  row(
    "a body of the wrong type, then good",
    [415, 200],
    all(open("PUT", FULL, ["Content-Type: text/plain", "Content-Length: 2"], "{}"), last)
  ),
  row(
    "a body above the maximum, then good",
    [413, 200],
    all(open("PUT", FULL, [JSON_TYPE, "Content-Length: 1048577"], " ".repeat(1_048_577)), last)
  ),
  row(
    "a body that is no JSON, then good",
    [400, 200],
    all(open("PUT", FULL, [JSON_TYPE, "Content-Length: 1"], "{"), last)
  ),
  row(
    "a body in chunks that is no JSON, then good",
    [400, 200],
    all(open("PUT", FULL, [JSON_TYPE, ...chunked], "1\r\n{\r\n0\r\n\r\n"), last)
  ),
  row("good, then chunks that are none", [200, 400], all(good, open("PUT", FULL, [JSON_TYPE, ...chunked], "zz\r\n"))),
  row("an Expect of nonsense, then good", [400], all(open("GET", LIST, ["Expect: x"]), last)),
  row("good, then CONNECT", [200, 405], all(good, bytes(`CONNECT a:1 HTTP/1.1\r\n${HOST}\r\n\r\n`))),
  row("CONNECT, then good", 405, all(bytes(`CONNECT a:1 HTTP/1.1\r\n${HOST}\r\n\r\n`), last)),
  row("one that closes, then good", 200, all(last, last)),
  row("HTTP/1.0, then good", 200, all(raw(`GET ${LIST} HTTP/1.0`, [auth(tokens.member)]), last)),
  row("empty lines between good ones", [200, 200], all(good, bytes("\r\n\r\n"), last))
]
