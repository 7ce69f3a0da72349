import { hashToken } from "../../../src/auth/token.ts"
import { record, tokens } from "./fixture.ts"
import { auth, CLOSE, HOST, JSON_TYPE, LIST, type Row, raw, row } from "./Row.ts"

const list = (...headers: ReadonlyArray<string>): Buffer => raw(`GET ${LIST} HTTP/1.1`, [HOST, ...headers, CLOSE])
const good = tokens.member

const targets: ReadonlyArray<readonly [method: string, target: string, body?: string]> = [
  ["GET", LIST],
  ["GET", `${LIST}/full`],
  ["GET", `${LIST}/none`],
  ["GET", `${LIST}/full/descendants`],
  ["GET", "/v1.0/1234/limits"],
  ["GET", "/v1.0/1234/instances"],
  ["GET", "/v1.0/1234/instances/db-1"],
  ["GET", "/v1.0/1234/instances/db-1/backups"],
  ["GET", `${LIST}/full/history`],
  ["GET", "/v1.0/1234/imports"],
  ["GET", "/v1.0/1234/imports/none"],
  ["GET", "/v1.0/1234/coverage"],
  ["GET", "/v1.0/1234/policy"],
  ["POST", "/v1.0/1234/imports?source=x", "{}"],
  ["DELETE", "/v1.0/1234/coverage/db-1"],
  ["PUT", "/v1.0/1234/policy", '{"policy":{}}'],
  ["DELETE", `${LIST}/full`],
  ["DELETE", `${LIST}/none`],
  ["PUT", `${LIST}/full`, JSON.stringify({ backup: { ...record, name: "must not be written" } })],
  [
    "POST",
    LIST,
    '{"backup":{"name":"must not be written","restore_from":{"remote_location":"x","local_datastore_version_id":"v","size":1}}}'
  ]
]

const as = (header: ReadonlyArray<string>, method: string, target: string, body = ""): Buffer => {
  const length = body === "" ? [] : [JSON_TYPE, `Content-Length: ${body.length}`]
  return raw(`${method} ${target} HTTP/1.1`, [HOST, ...header, ...length, CLOSE], body)
}

/** Tokens that are missing, of nobody, of somebody else, or of too weak a role, at every operation. */
export const tokenRows: ReadonlyArray<Row> = [
  ...targets.flatMap(([method, target, body]) => [
    row(`${method} ${target} without a token`, 401, as([], method, target, body)),
    row(`${method} ${target} with a token of nobody`, 401, as([auth("nobody's")], method, target, body)),
    row(`${method} ${target} with an expired token`, 401, as([auth(tokens.expired)], method, target, body)),
    row(`${method} ${target} with another account's token`, 403, as([auth(tokens.other)], method, target, body))
  ]),
  ...targets
    .filter(([method]) => method !== "GET")
    .map(([method, target, body]) =>
      row(`${method} ${target} by a reader`, 403, as([auth(tokens.reader)], method, target, body))
    ),
  row("an empty token", 401, list("X-Auth-Token:")),
  row("a token of spaces", 401, list("X-Auth-Token:      ")),
  row("a token of tabs", 401, list("X-Auth-Token: \t\t")),
  row("the good token in spaces and tabs", 200, list(`X-Auth-Token: \t ${good} \t`)),
  row("the header in small letters", 200, list(`x-auth-token: ${good}`)),
  row("the good token in capitals", 401, list(auth(good.toUpperCase()))),
  row("the beginning of the good token", 401, list(auth(good.slice(0, -1)))),
  row("the good token and a letter", 401, list(auth(`${good}x`))),
  row("the good token and a full stop", 401, list(auth(`${good}.`))),
  row("the good token in quotes", 401, list(auth(`"${good}"`))),
  row("the good token in JSON", 401, list(auth(`{"token":"${good}"}`))),
  row("the good token in an array", 401, list(auth(`["${good}"]`))),
  row("the good token in angle brackets", 401, list(auth(`<${good}>`))),
  row("the good token as a Bearer", 401, list(auth(`Bearer ${good}`))),
  row("the good token percent-encoded", 401, list(auth(`%6d${good.slice(1)}`))),
  row("the good token with a space within", 401, list(auth(`${good.slice(0, 5)} ${good.slice(5)}`))),
  row("the good token with an LF behind it", 400, list(`X-Auth-Token: ${good}\n`)),
  row("the good token with a CR within", 400, list(`X-Auth-Token: ${good}\rx`)),
  row("the good token with a NUL behind it", 400, list(`X-Auth-Token: ${good}\0`)),
  row("the good token with an 8-bit letter behind it", 401, list(`X-Auth-Token: ${good}\xa0`)),
  row("the good token with a zero-width space behind it", 401, list(`X-Auth-Token: ${good}\xe2\x80\x8b`)),
  row("the good token twice", 401, list(auth(good), auth(good))),
  row("the good token before another", 401, list(auth(good), auth("nobody's"))),
  row("the good token behind another", 401, list(auth("nobody's"), auth(good))),
  row("the good token before an empty one", 401, list(auth(good), "X-Auth-Token:")),
  row("two tokens in one header", 401, list(auth(`${good}, ${tokens.reader}`))),
  row("the tokens of two accounts", 401, list(auth(good), auth(tokens.other))),
  row("the good token's hash in hexadecimal", 401, list(auth(hashToken(good).toString("hex")))),
  row("the good token's hash in base64", 401, list(auth(hashToken(good).toString("base64")))),
  row("the good token's hash in bytes", 401, list(`X-Auth-Token: ${hashToken("3").toString("base64url")}\xfe\xff`)),
  row("the good token's name", 401, list(auth(hashToken(good).toString("hex").slice(0, 12)))),
  row("a token of 4,096 letters", 401, list(auth("x".repeat(4096)))),
  row("a token of 4,097 letters", 401, list(auth("x".repeat(4097)))),
  row("a token of 15,000 letters", 401, list(auth("x".repeat(15_000)))),
  row("a token of 100,000 letters", 400, list(auth("x".repeat(100_000)))),
  row("a token of 8-bit letters", 401, list(`X-Auth-Token: ${"\xff".repeat(100)}`)),
  row("a token of quotes", 401, list(auth("'\"`"))),
  row("a token that would be SQL", 401, list(auth("' OR '1'='1"))),
  row("a token of undefined", 401, list(auth("undefined"))),
  row("a token of null", 401, list(auth("null"))),
  row("a token of Object.prototype", 401, list(auth("__proto__"))),
  row("a token of an asterisk", 401, list(auth("*"))),
  row("a JSON web token without a signature", 401, list(auth("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0."))),
  row("the good token in Authorization", 401, list(`Authorization: Bearer ${good}`)),
  row("the good token in Cookie", 401, list(`Cookie: X-Auth-Token=${good}`)),
  row("the good token in another header", 401, list(`X-Subject-Token: ${good}`, `X_Auth_Token: ${good}`)),
  row("the good token in the query", 401, raw(`GET ${LIST}?X-Auth-Token=${good} HTTP/1.1`, [HOST, CLOSE])),
  row("the good token in the URL's credentials", 400, raw(`GET http://x:${good}@a${LIST} HTTP/1.1`, [HOST, CLOSE])),
  row(
    "the good token in trailers",
    401,
    raw(
      `GET ${LIST} HTTP/1.1`,
      [HOST, "Transfer-Encoding: chunked", "Trailer: X-Auth-Token", CLOSE],
      `0\r\n${auth(good)}\r\n\r\n`
    )
  ),
  row("a service token beside none", 401, list(`X-Service-Token: ${good}`))
]
