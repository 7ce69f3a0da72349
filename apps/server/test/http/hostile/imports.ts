import { gzipSync } from "node:zlib"
import { record, tokens } from "./fixture.ts"
import { ask, auth, bytes, CLOSE, chunked, get, HOST, LIST, type Row, raw, row, sendJson, shown, words } from "./Row.ts"

const IMPORTS = "/v1.0/1234/imports"
const COVERAGE = "/v1.0/1234/coverage"
const POLICY = "/v1.0/1234/policy"

const NDJSON = "Content-Type: application/x-ndjson"
const GZIP = "Content-Encoding: gzip"

const line = (id: string, members: object = {}): string => `${JSON.stringify({ ...record, id, ...members })}\n`

/** A line that would change the list. */
const written = line("must-not-be-written")

const send = (query: string, body: string | Buffer, headers: ReadonlyArray<string> = [NDJSON]): Buffer =>
  ask("POST", `${IMPORTS}?${query}`, [...headers, `Content-Length: ${Buffer.byteLength(body)}`], body)

const refused = (query: string, says: string): Row =>
  row(`an import with ?${shown(query)}`, 400, send(query, written), { says })

const dry = (name: string, body: string | Buffer, says: string, headers: ReadonlyArray<string> = [NDJSON]): Row =>
  row(`a dry run of ${name}`, 200, send("source=x&mode=snapshot&dry_run=true", body, headers), { says })

const badSources = [
  ...words("%00 %0a a%0d%0aX-Injected:%20yes %7f %C2%85 %ff %c0%80 %ed%a0%80 % %zz"),
  "",
  "x".repeat(256)
]
const badModes = words("SNAPSHOT Merge full snapshot%20 snapshot,merge 0 null true __proto__ %00 %ff snapshot%0a")
const badBooleans = words("yes on 2 -1 null true%20 true,false %00 %ff")

const queries: ReadonlyArray<Row> = [
  row("an import without a query", 400, ask("POST", IMPORTS, [NDJSON, "Content-Length: 0"]), { says: "source" }),
  refused("mode=snapshot", "source"),
  ...badSources.map((source) => refused(`source=${source}`, "source")),
  ...badModes.map((mode) => refused(`source=x&mode=${mode}`, "mode")),
  ...badBooleans.flatMap((value) => [
    refused(`source=x&dry_run=${value}`, "dry_run"),
    refused(`source=x&allow_empty=${value}`, "allow_empty")
  ]),
  refused("source=x&source=x", "source"),
  refused("source=x&mode=merge&mode=snapshot", "mode"),
  refused("source=x&dry_run=true&dry_run=false", "dry_run"),
  refused("source=x&%64ry_run=true&dry_run=false", "dry_run"),
  ...words(
    "limit=5 marker=x dryRun=true DRY_RUN=true allowEmpty=1 all_projects=true project_id=99 include=retired x ="
  ).map((search) => refused(`source=x&${search}`, "query parameter")),
  ...["include=", "include=all", "include=Retired", "include=retired&include=retired", "include=retired,x"].map(
    (search) => row(`a list with ?${search}`, 400, get(`${LIST}?${search}`), { says: "include" })
  ),
  ...words("include=retired limit=1 =").map((search) =>
    row(`an import shown with ?${search}`, 400, get(`${IMPORTS}/none?${search}`))
  ),
  ...words("verdict=fresh limit=1 =").flatMap((search) => [
    row(`the policy with ?${search}`, 400, get(`${POLICY}?${search}`)),
    row(`an instance removed with ?${search}`, 400, ask("DELETE", `${COVERAGE}/db-1?${search}`))
  ]),
  ...words("FRESH Fresh broken_chain broken-chain%20 fresh,stale null %00 %ff __proto__").map((verdict) =>
    row(`the coverage with a verdict ${verdict}`, 400, get(`${COVERAGE}?verdict=${verdict}`), { says: "verdict" })
  )
]

const kinds: ReadonlyArray<readonly [name: string, headers: ReadonlyArray<string>]> = [
  ["without a type", []],
  ["as JSON", ["Content-Type: application/json"]],
  ["as text", ["Content-Type: text/plain"]],
  ["as NDJSON in Latin-1", [`${NDJSON}; charset=iso-8859-1`]],
  ["as two types", [NDJSON, NDJSON]],
  ["as two types in one", [`${NDJSON}, application/x-ndjson`]],
  ["in deflate", [NDJSON, "Content-Encoding: deflate"]],
  ["in gzip twice", [NDJSON, GZIP, GZIP]],
  ["in gzip and identity", [NDJSON, "Content-Encoding: gzip, identity"]],
  ["in a coding that nobody knows", [NDJSON, `Content-Encoding: ${"x".repeat(5000)}`]]
]

const bodies: ReadonlyArray<Row> = [
  ...kinds.map(([name, headers]) => row(`an import ${name}`, 415, send("source=x", written, headers))),
  row("an import in gzip that is none", 400, send("source=x", written, [NDJSON, GZIP]), { says: "gzip" }),
  row("an import in gzip of nothing", 400, send("source=x", "", [NDJSON, GZIP]), { says: "gzip" }),
  row(
    "an import in gzip that ends too early",
    400,
    send("source=x&dry_run=true", gzipSync(line("x")).subarray(0, -1), [NDJSON, GZIP]),
    { says: "gzip" }
  ),
  row(
    "an import in chunks that are none",
    400,
    ask("POST", `${IMPORTS}?source=x&dry_run=true`, [NDJSON, "Transfer-Encoding: chunked"], "zz\r\n")
  ),
  row(
    "an import in chunks and with a length",
    400,
    ask("POST", `${IMPORTS}?source=x`, [NDJSON, "Transfer-Encoding: chunked", "Content-Length: 5"], chunked(written))
  ),
  row(
    "an import in gzip as a transfer coding",
    400,
    ask("POST", `${IMPORTS}?source=x`, [NDJSON, "Transfer-Encoding: gzip, chunked"], chunked(gzipSync(written)))
  ),
  row(
    "a request that would delete behind the lines of an import",
    200,
    send("source=x&dry_run=true", `${line("x")}DELETE ${LIST}/full HTTP/1.1\r\n\r\n`),
    { says: '"rejected":1' }
  ),
  dry("nothing", "", '"created":0'),
  dry("what is no JSON", "}{\n<xml/>\nnull\n", '"rejected":3'),
  dry("bytes that are no text", bytes("\xff\xfe\x00\n\xc0\xaf\n"), '"rejected":2'),
  dry("a line of a mebibyte and more", `${" ".repeat(1_048_577)}\n`, '"rejected":1'),
  dry(
    "nesting without end",
    `${"[".repeat(100_000)}\n{"id":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    '"rejected":2'
  ),
  dry("a bomb of gzip", gzipSync(Buffer.alloc(20_000_000, "a")), '"rejected":1', [NDJSON, GZIP]),
  dry("a bomb of empty lines", gzipSync(Buffer.alloc(20_000_000, "\n")), '"created":0', [NDJSON, GZIP]),
  dry("gzip by its old name", gzipSync(line("x")), '"created":1', [NDJSON, "Content-Encoding: x-gzip"]),
  dry("an id of Object.prototype", line("__proto__"), '"created":1'),
  dry("members of Object.prototype", `{"__proto__":{"id":"x"},"constructor":1}\n`, '"rejected":1'),
  dry("an account of another", line("x", { project_id: "99", account: "99" }), '"rejected":1'),
  dry("a reason that would be a header", line("x", { status: "a\r\nX-Injected: yes" }), '"rejected":1'),
  ...[
    ["no JSON", "{"],
    ["no policy", "{}"],
    ["null", '{"policy":null}'],
    ["an array", '{"policy":[]}'],
    ["another member", '{"policy":{},"more":1}'],
    ["a member that nobody knows", '{"policy":{"maxAge":"1h"}}'],
    ["an age of nothing", '{"policy":{"max_age":""}}'],
    ["an age without end", `{"policy":{"max_age":"${"9".repeat(10_000)}h"}}`],
    ["a rule that is null", '{"policy":{"rules":[null]}}'],
    ["a pattern without end", `{"policy":{"rules":[{"instance":"${"*".repeat(256)}","max_age":"1h"}]}}`],
    ["a pattern of half a character", '{"policy":{"rules":[{"instance":"\\ud800","max_age":"1h"}]}}'],
    ["a pattern with a control character", '{"policy":{"rules":[{"datastore":"\\u0000*","max_age":"1h"}]}}'],
    ["too many rules", JSON.stringify({ policy: { rules: Array(1001).fill({ max_age: "1h" }) } })]
  ].map(([name, body = ""]) =>
    row(
      `a policy of ${name}`,
      400,
      ask("PUT", POLICY, ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`], body)
    )
  ),
  row("a policy as NDJSON", 415, ask("PUT", POLICY, [NDJSON, "Content-Length: 13"], '{"policy":{}}')),
  row(
    "a policy by a reader",
    403,
    raw(`PUT ${POLICY} HTTP/1.1`, [HOST, auth(tokens.reader), "Content-Length: 0", CLOSE])
  ),
  row("an import with a body where none belongs", 400, sendJson("GET", IMPORTS, {})),
  row("a coverage with a body where none belongs", 400, sendJson("GET", COVERAGE, {})),
  row("an instance removed with a body", 400, sendJson("DELETE", `${COVERAGE}/db-1`, {}))
]

const paths: ReadonlyArray<Row> = [
  ...words("none %00 ..%2F.. %ff %zz % 1 -1 __proto__ %27%20OR%20%271%27=%271").map((id) =>
    row(`show import ${shown(id)}`, 404, get(`${IMPORTS}/${id}`))
  ),
  row("show an import of 10,000 letters", 404, get(`${IMPORTS}/${"x".repeat(10_000)}`)),
  ...words("none %00 %2e%2e %ff only-99 FULL full%20").map((id) =>
    row(`history of ${shown(id)}`, 404, get(`${LIST}/${id}/history`))
  ),
  ...words("none %00 %2e%2e .. %ff % DB-1 db-1%20 db-1/x").map((id) =>
    row(`remove instance ${shown(id)}`, 404, ask("DELETE", `${COVERAGE}/${id}`))
  ),
  row("remove an instance that has backups", 422, ask("DELETE", `${COVERAGE}/db-1`)),
  row("remove an instance of another account", 403, ask("DELETE", "/v1.0/99/coverage/db-1")),
  ...words(
    "imports/ imports/none/ imports//x Imports coverage/ Coverage policy/ policies policy/x backups/full/history/ backups//history backups/full/History"
  ).map((path) => row(`GET ${path}`, 404, get(`/v1.0/1234/${path}`))),
  ...words("none 0 -1 h1.0 p1.0.YQ %00 %ff i1.ZGItMQ").map((marker) =>
    row(`imports behind ${marker}`, 400, get(`${IMPORTS}?marker=${marker}`), { says: "marker" })
  ),
  ...words("none 0 full h1. h1.-1 h1.x h1.1e3 h1.99999999999999999999 p1.0.YQ %00 %ff").map((marker) =>
    row(`history behind ${marker}`, 400, get(`${LIST}/full/history?marker=${marker}`), { says: "marker" })
  ),
  ...words("none 0 h1.1 i1. i1.! i1.Lg p1.0.YQ %00 %ff db-99").map((marker) =>
    row(`coverage behind ${marker}`, 400, get(`${COVERAGE}?marker=${marker}`), { says: "marker" })
  )
]

/** Imports, history, coverage and policy, asked for in every wrong way. */
export const imports: ReadonlyArray<Row> = [...queries, ...bodies, ...paths]
