import { tokens } from "./fixture.ts"
import { ask, auth, bytes, CLOSE, get, HOST, JSON_TYPE, LIST, type Row, raw, row, words } from "./Row.ts"

const FIRST = `${LIST}?limit=1`
const list = `GET ${FIRST} HTTP/1.1`
const expecting = ["Expect: 100-continue", "Content-Length: 2"]
const elsewhere = { lacks: "elsewhere" }

const host = (...lines: ReadonlyArray<string>): Buffer => raw(list, [...lines, auth(tokens.member), CLOSE])

/** What is said of the way that a request came: Host, Forwarded, Connection, Upgrade, Expect, Range. */
export const hops: ReadonlyArray<Row> = [
  row("no Host", 400, host()),
  row("no Host, with the whole URL", 400, raw(`GET http://a${LIST} HTTP/1.1`, [auth(tokens.member), CLOSE])),
  row("two Hosts", 400, host("Host: a", "Host: b")),
  row("the same Host twice", 400, host(HOST, HOST)),
  row("two Hosts in one", 400, host("Host: a, b")),
  row("an empty Host", 400, host("Host:")),
  row("a Host of spaces", 400, host("Host:    ")),
  row("a Host with a path", 400, host("Host: a/b")),
  row("a Host with a query", 400, host("Host: a?b")),
  row("a Host with a fragment", 400, host("Host: a#b")),
  row("a Host with credentials", 400, host("Host: user:password@a")),
  row("a Host with an at sign", 400, host("Host: elsewhere.example@a"), elsewhere),
  row("a Host with a scheme", 400, host("Host: http://a")),
  row("a Host with a backslash", 400, host("Host: a\\b")),
  row("a Host with a space", 400, host("Host: a b")),
  row("a Host with a quote", 400, host('Host: a"b')),
  row("a Host with a script", 400, host("Host: <script>alert(1)</script>"), { lacks: "script" }),
  row("a Host of 8-bit letters", 400, host("Host: m\xfcnchen.example")),
  row("a Host of letters of a right-to-left script", 400, host("Host: \xd7\x90.example")),
  row("a Host with a NUL", 400, host("Host: a\0b")),
  row("a Host with a comma", 400, host("Host: a,elsewhere.example"), elsewhere),
  row("a Host with a semicolon", 400, host("Host: a;b")),
  row("a Host with a broken percent-encoding", 400, host("Host: a%zz")),
  row("a Host with the port 99999", 400, host("Host: a:99999")),
  row("a Host with the port 123456", 400, host("Host: a:123456")),
  row("a Host with the port -1", 400, host("Host: a:-1")),
  row("a Host with the port +1", 400, host("Host: a:+1")),
  row("a Host with a word for a port", 400, host("Host: a:http")),
  row("a Host with two ports", 400, host("Host: a:1:2")),
  row("a Host of a port", 400, host("Host: :80")),
  row("a Host with brackets that do not close", 400, host("Host: [::1")),
  row("a Host with brackets that do not open", 400, host("Host: ::1]")),
  row("a Host of IPv6 without brackets", 400, host("Host: ::1")),
  row("a Host of empty brackets", 400, host("Host: []")),
  row("a Host of no address in brackets", 400, host("Host: [::::1]")),
  row("a Host of dots in brackets", 400, host("Host: [....]")),
  row("a Host of a name in brackets", 400, host("Host: [catalog]")),
  row("a Host of IPv6 with a zone", 400, host("Host: [fe80::1%eth0]")),
  row("a Host of 10,000 letters", 200, host(`Host: ${"a".repeat(10_000)}`)),
  row("a Host with an empty port", 200, host("Host: a:")),
  row("a Host of IPv6 with an empty port", 200, host("Host: [::1]:")),
  row("a Host of an empty port", 400, host("Host: :")),
  row("a Host with two empty ports", 400, host("Host: a::")),
  row("a URL with an empty port", 200, get(`http://a:${LIST}`)),
  row("a Host of IPv6", 200, host("Host: [::1]:8779")),
  row("a Host with an underscore", 200, host("Host: backup_catalog:8779")),
  row("a Host in capitals", 200, host("HOST: CATALOG.EXAMPLE")),
  row("a wrong Host before everything else", 400, raw("PATCH /nowhere HTTP/1.1", ["Host: a/b", CLOSE])),
  row("HTTP/1.0 with a wrong Host", 400, raw(`GET ${LIST} HTTP/1.0`, ["Host: a/b", auth(tokens.member)])),
  row("HTTP/1.0 with two Hosts", 400, raw(`GET ${LIST} HTTP/1.0`, ["Host: a", "Host: b", auth(tokens.member)])),
  row("HTTP/1.0 without a Host", 200, raw(`GET ${LIST} HTTP/1.0`, [auth(tokens.member)])),
  row(
    "a Host of the caller's beside another URL",
    200,
    raw(`GET http://public.example:99${FIRST} HTTP/1.1`, ["Host: elsewhere.example", auth(tokens.member), CLOSE]),
    { says: `"http://public.example:99${FIRST}&marker=`, ...elsewhere }
  ),
  row(
    "a Host of the caller's beside a URL of HTTPS",
    200,
    raw(`GET HTTPS://public.example${FIRST} HTTP/1.1`, ["Host: elsewhere.example", auth(tokens.member), CLOSE]),
    { says: `"https://public.example${FIRST}&marker=`, ...elsewhere }
  ),
  row("a wrong Host beside another URL", 400, raw(`GET http://a${LIST} HTTP/1.1`, ["Host: a/b", CLOSE])),
  ...words("a:99999 a:b [::::1] a,b a%20b user:password@a").map((name) =>
    row(`a URL of the host ${name}`, 400, get(`http://${name}${LIST}`))
  ),

  row("X-Forwarded-Host", 200, get(FIRST, "X-Forwarded-Host: elsewhere.example"), elsewhere),
  row("X-Forwarded-Proto", 200, get(FIRST, "X-Forwarded-Proto: elsewhere"), elsewhere),
  row(
    "X-Forwarded-Port and -Prefix",
    200,
    get(FIRST, "X-Forwarded-Port: 1", "X-Forwarded-Prefix: /elsewhere"),
    elsewhere
  ),
  row("X-Forwarded-For of this machine", 401, raw(list, [HOST, "X-Forwarded-For: 127.0.0.1", CLOSE])),
  row("X-Host", 200, get(FIRST, "X-Host: elsewhere.example", "X-Forwarded-Server: elsewhere.example"), elsewhere),
  row("Forwarded", 200, get(FIRST, "Forwarded: for=127.0.0.1;host=elsewhere.example;proto=https"), elsewhere),
  row("Via and Max-Forwards", 200, get(FIRST, "Via: 1.1 elsewhere", "Max-Forwards: 0"), elsewhere),

  row("Connection naming the token", 200, raw(list, [HOST, auth(tokens.member), "Connection: close, X-Auth-Token"])),
  row("Connection naming the Host", 200, raw(list, [HOST, auth(tokens.member), "Connection: Host, close"])),
  row("Connection to keep and to close", 200, raw(list, [HOST, auth(tokens.member), "Connection: keep-alive, close"])),
  row("Connection twice", 200, get(FIRST, "Connection: keep-alive")),
  row("Connection of nonsense", 200, get(FIRST, "Connection: ,,,;=")),
  row("Keep-Alive of years", 200, get(FIRST, "Keep-Alive: timeout=99999999, max=-1")),
  row("Proxy-Connection", 200, get(FIRST, "Proxy-Connection: keep-alive")),
  row(
    "an upgrade to WebSocket",
    200,
    raw(list, [HOST, auth(tokens.member), "Upgrade: websocket", "Connection: Upgrade, close"])
  ),
  row(
    "an upgrade to WebSocket without a token",
    401,
    raw(list, [HOST, "Upgrade: websocket", "Connection: Upgrade, close"])
  ),
  row(
    "an upgrade to HTTP/2",
    200,
    raw(list, [
      HOST,
      auth(tokens.member),
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABk",
      "Connection: Upgrade, HTTP2-Settings, close"
    ])
  ),
  row("an upgrade to nonsense", 200, get(FIRST, "Upgrade: \xff")),
  row("TE and Trailer without trailers", 200, get(FIRST, "TE: trailers, deflate;q=0.5", "Trailer: X-Auth-Token")),

  row("an Expect of nonsense", 400, get(LIST, "Expect: the-unexpected")),
  row("an Expect with more behind it", 400, get(LIST, "Expect: 100-continue, the-unexpected")),
  row("an Expect of nonsense before another", 400, get(LIST, "Expect: the-unexpected", "Expect: 100-continue")),
  row("an Expect in capitals, twice", 200, get(LIST, "Expect: 100-CONTINUE", "Expect: 100-continue")),
  row("an Expect of 200", 400, get(LIST, "Expect: 200-ok")),
  row(
    "an Expect of a body that comes",
    [100, 400],
    ask("POST", LIST, [JSON_TYPE, "Expect: 100-continue", "Content-Length: 2"], "[]")
  ),
  row("an Expect without a body", 200, get(LIST, "Expect: 100-continue")),
  ...(
    [
      ["of an unknown path", 404, ask("PUT", "/nowhere", [...expecting, JSON_TYPE])],
      ["of an unknown method", 405, ask("PATCH", LIST, [...expecting, JSON_TYPE])],
      ["without a token", 401, raw(`POST ${LIST} HTTP/1.1`, [HOST, ...expecting, JSON_TYPE])],
      ["of another account", 403, ask("POST", "/v1.0/99/backups", [...expecting, JSON_TYPE])],
      ["of what is not offered", 501, ask("POST", "/v1.0/1234/instances", [...expecting, JSON_TYPE])],
      ["of another type", 415, ask("POST", LIST, [...expecting, "Content-Type: text/plain"])],
      ["of an import of another type", 415, ask("POST", "/v1.0/1234/imports?source=x", [...expecting, JSON_TYPE])],
      ["where none belongs", 400, ask("DELETE", `${LIST}/full`, expecting)],
      ["above the maximum", 413, ask("POST", LIST, [JSON_TYPE, "Expect: 100-continue", "Content-Length: 1048577"])]
    ] as const
  ).map(([what, status, bytes]) => row(`an Expect of a body ${what}, which is not asked for`, status, bytes)),
  row("an Expect of HTTP/1.0", 200, raw(`GET ${LIST} HTTP/1.0`, [auth(tokens.member), "Expect: 100-continue"])),

  row("a Range", 200, get(LIST, "Range: bytes=0-0")),
  row("a Range behind the end", 200, get(LIST, "Range: bytes=99999999999999999999-")),
  row("a thousand Ranges", 200, get(LIST, `Range: bytes=${"0-,".repeat(1000)}0-`)),
  row("a Range of nonsense", 200, get(LIST, "Range: \xff", "If-Range: x")),
  row("a Cache-Control of a cache's", 200, get(LIST, "Cache-Control: only-if-cached", "Pragma: x")),
  row("an Origin of another site", 200, get(LIST, "Origin: https://elsewhere.example"), elsewhere),
  row(
    "a preflight of another site",
    204,
    bytes(
      `OPTIONS ${LIST} HTTP/1.1\r\n${HOST}\r\nOrigin: https://elsewhere.example\r\nAccess-Control-Request-Method: GET\r\n${CLOSE}\r\n\r\n`
    ),
    elsewhere
  )
]
