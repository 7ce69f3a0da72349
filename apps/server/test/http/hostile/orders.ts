import { tokens } from "./fixture.ts"
import { auth, CLOSE, HOST, JSON_TYPE, LIST, type Row, raw, row } from "./Row.ts"

const all = [JSON_TYPE, "Content-Length: 1", CLOSE]

/** A request with a body that is no JSON, whatever else is wrong with it. */
const wrong = (line: string, ...headers: ReadonlyArray<string>): Buffer =>
  raw(`${line} HTTP/1.1`, [HOST, ...headers, ...all], "{")

/** Requests with several faults: the first in the order of checks is the answer. */
export const orders: ReadonlyArray<Row> = [
  row("a wrong version before a wrong method", 404, wrong(`PATCH ${LIST.replace("v1.0", "v3")}?limit=0`)),
  row("a wrong path before a missing token", 404, wrong("GET /v1.0/1234/nothing?limit=0")),
  row("a wrong path before a wrong token", 404, wrong("POST /v1.0/1234/nothing", auth("nobody's"))),
  row("a wrong method before a missing token", 405, wrong(`PATCH ${LIST}?limit=0`)),
  row("a wrong method before another account's token", 405, wrong(`PATCH ${LIST}?limit=0`, auth(tokens.other))),
  row("a wrong method before a reader's token", 405, wrong(`PATCH ${LIST}/full`, auth(tokens.reader))),
  row("a missing token before a wrong query", 401, wrong(`GET ${LIST}?limit=0`)),
  row("a missing token before a limit above the maximum", 401, wrong(`GET ${LIST}?limit=1001`)),
  row("a missing token before a wrong body", 401, wrong(`POST ${LIST}`)),
  row("a missing token before a wrong condition", 401, wrong(`PUT ${LIST}/full`, "If-Match: x")),
  row("an expired token before another account", 401, wrong("GET /v1.0/99/backups", auth(tokens.expired))),
  row("another account before a wrong query", 403, wrong("GET /v1.0/99/backups?limit=0", auth(tokens.member))),
  row(
    "another account before a limit above the maximum",
    403,
    wrong("GET /v1.0/99/backups?limit=1001", auth(tokens.member))
  ),
  row("another account before a wrong body", 403, wrong("PUT /v1.0/99/backups/full", auth(tokens.member))),
  row(
    "another account before a wrong condition",
    403,
    wrong("PUT /v1.0/99/backups/full", auth(tokens.member), "If-Match: x")
  ),
  row("another account before an unknown backup", 403, wrong("DELETE /v1.0/99/backups/none", auth(tokens.member))),
  row("an unknown account before an unknown backup", 403, wrong("GET /v1.0/nobody/backups/none", auth(tokens.member))),
  row("a reader's role before a wrong body", 403, wrong(`PUT ${LIST}/full`, auth(tokens.reader))),
  row("a reader's role before a wrong query", 403, wrong(`POST ${LIST}?limit=0`, auth(tokens.reader))),
  row("a reader's role before an unknown backup", 403, wrong(`DELETE ${LIST}/none`, auth(tokens.reader))),
  row("a reader's role before all accounts", 403, wrong(`GET ${LIST}?all_projects=true&limit=0`, auth(tokens.reader))),
  row("a missing token before what is not offered", 401, wrong("POST /v1.0/1234/instances")),
  row("another account before what is not offered", 403, wrong("POST /v1.0/99/instances", auth(tokens.member))),
  row("a wrong body before an unknown backup", 400, wrong(`DELETE ${LIST}/none`, auth(tokens.member))),
  row("a wrong query before an id that no backup has", 400, wrong(`PUT ${LIST}/%00?limit=0`, auth(tokens.member))),
  row("an id that no backup has before a wrong body", 404, wrong(`PUT ${LIST}/%00`, auth(tokens.member))),
  row(
    "an id that no backup has before a wrong condition",
    404,
    wrong(`PUT ${LIST}/%00`, auth(tokens.member), "If-Match: x")
  ),
  row("a wrong query before an unknown backup", 400, wrong(`GET ${LIST}/none?limit=0`, auth(tokens.member)))
]
