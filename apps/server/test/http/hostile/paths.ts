import { record, tokens } from "./fixture.ts"
import { ask, auth, CLOSE, get, HOST, LIST, type Row, raw, row, sendJson, shown, words } from "./Row.ts"

const unknown: ReadonlyArray<string> = [
  ...words(`
  /nowhere /favicon.ico /.env /.git/config /wp-login.php /v1.0/ /v1.0/1234 /v1.0/1234/ /v1.0/1234/nothing
  /v1.0/1234/backups/ /v1.0/1234/backups// /v1.0/1234/backups/full/ /v1.0/1234/backups//descendants
  /v1.0/1234/backups/full/x /v1.0/1234/backups/full/descendants/ /v1.0/1234/backups/full/Descendants
  /v1.0/1234/instances/ /v1.0/1234/instances/db-1/ /v1.0/1234/instances//backups /v1.0/1234/instances/db-1/backups/
  /v1.0/1234/instances/db-1/backups/full /v1.0/1234/limits/ /V1.0/1234/backups /v1.0/1234/Backups /v1.0/1234/BACKUPS
  /v1/1234/backups /v1.0.0/1234/backups /v1.00/1234/backups /v1,0/1234/backups /v2.0/1234/backups /v1.1/1234/backups
  /1234/backups /backups /v1.0//backups //v1.0/1234/backups /v1.0//1234/backups /./v1.0/1234/backups
  /v1.0/./1234/backups /v1.0/../v1.0/1234/backups /v1.0/1234/./backups /v1.0/1234/x/../backups
  /v1.0/1234/backups/../backups /v1.0/99/../1234/backups /v1.0/../../../../etc/passwd
  /v1.0/..%2f..%2f..%2fetc%2fpasswd /..%5c..%5cwindows%5cwin.ini /docs/../../etc/passwd /docs/%2e%2e/%2e%2e/etc/passwd
  /docs/ /openapi.json/ /openapi.json%00.html /healthz/ /v1.0/../backups /v1.0/./backups /v1.0/%2e/backups
  /v1.0/%2e%2e/backups /v1.0/.%2e/backups /v1.0%2f1234%2fbackups /v1.0/1234%2Fbackups /v1.0/1234%2fbackups
  /v1.0%2F1234/backups /%2Fv1.0/1234/backups /v1.0/1234%252Fbackups /v1.0/12%2034/backups /v1.0/12%0034/backups
  /v1.0/1234%00/backups /v1.0/1234/backups%00 /v1.0/1234/backups%20 /v1.0/1234/backups%0a
  /v1.0/1234/backups%0d%0aX-Injected:%20yes /v1.0/1234/backups%3Flimit=1 /v1.0/1234/backups%23
  /v1.0/1234/backups;jsessionid=1 /v1.0;a=b/1234/backups /v1.0/1234;a=b/backups /v1.0/1234/backups.json
  /v1.0/%zz/backups /v1.0/%/backups /v1.0/%4/backups /v1.0/%u0031234/backups /v1.0/%ff/backups /v1.0/%c0%b1234/backups
  /v1.0/%c3%a4/backups /v1.0/%ef%bc%91234/backups /v1.0/*/backups /v1.0/'1234'/backups /v1.0/1234,99/backups
  /v1.0/1234%2C99/backups /v1.0/1234|99/backups /v1.0/:accountId/backups /v1.0/{accountId}/backups
  /v1.0/%7BaccountId%7D/backups /v1.0/1234%27%20OR%20%271%27=%271/backups
`),
  `/v1.0/${"a".repeat(256)}/backups`,
  `/v1.0/${"a".repeat(10_000)}/backups`,
  `/v1.0${"/x".repeat(5000)}`,
  "/".repeat(10_000),
  "/%2e".repeat(2000)
]

const noBackup: ReadonlyArray<string> = [
  ...words(`
  none FULL full%20 %20full +full full%00 %00 %0a full%0d%0aX-Injected:%20yes full%0d%0a%0d%0aHTTP/1.1%20200%20OK . ..
  %2e %2e%2e .%2e %252e%252e ... full%2F..%2Ffull ..%2Ffull a%2Fb a/b%3Fc a%252Fb%253Fc%2525d full;x full;v=1 full%3B
  full#x full%23x full%3Flimit=1 full&x=1 full,inc-1 full* %25 ____ %27%20OR%20%271%27=%271
  x%27;%20DROP%20TABLE%20backups;-- __proto__ constructor null undefined only-99 %zz % full% full%f %ff %c0%ae%c0%ae
  %c0%af %e0%80%af %ed%a0%80 %ed%bf%bf %f4%90%80%80 %f8%88%80%80%80 %c3 %e2%82 %u0066ull %EF%BD%86ull full%E2%80%8B
  %E2%80%AEfull a%CC%88 %3Cscript%3Ealert(1)%3C%2Fscript%3E %24%7Bjndi:ldap:%2F%2Felsewhere.example%7D %7B%7B7*7%7D%7D
`),
  "x".repeat(255),
  "x".repeat(256),
  "x".repeat(10_000),
  "%F0%9F%98%80".repeat(255),
  "%F0%9F%98%80".repeat(256),
  "%66".repeat(3000)
]

/** Ids that no backup can have: their path is nobody's, so nothing can be put there. */
const impossibleIds = ["%2e", "%2e%2e", "..", "%00", "%0a", "a%7F", "%ff", "%zz", "x".repeat(256), "full/x", ""]

/** Paths that are almost one of ours, or aim at what is outside. */
export const paths: ReadonlyArray<Row> = [
  ...unknown.map((path) => row(`GET ${shown(path)}`, 404, get(path))),
  ...noBackup.map((id) => row(`show ${shown(id)}`, 404, get(`${LIST}/${id}`), { lacks: "X-Injected: yes" })),
  ...impossibleIds.map((id) => row(`put at ${shown(id)}`, 404, sendJson("PUT", `${LIST}/${id}`, { backup: record }))),
  ...impossibleIds.map((id) => row(`delete ${shown(id)}`, 404, ask("DELETE", `${LIST}/${id}`))),
  ...["none", "%00", "..%2F..", "%ff", "x".repeat(256), "DB-1", "db-1%20", "%"].flatMap((id) => [
    row(`list of instance ${shown(id)}`, 404, get(`/v1.0/1234/instances/${id}/backups`)),
    row(`show instance ${shown(id)}`, 404, get(`/v1.0/1234/instances/${id}`))
  ]),
  ...["none", "%00", "%2e%2e", "%ff", "only-99"].map((id) =>
    row(`descendants of ${shown(id)}`, 404, get(`${LIST}/${id}/descendants`))
  ),
  row("an 8-bit path", 400, get("/v1.0/\xe4/backups")),
  row("an 8-bit id", 400, get(`${LIST}/\xe4`)),
  row("UTF-8 that is not percent-encoded", 400, get(`${LIST}/\xc3\xa4`)),
  row("an account in needless percent-encoding", 200, get("/v1.0/%31%32%33%34/backups")),
  row("the collection in needless percent-encoding", 200, get("/v1.0/1234/back%75ps")),
  row("the version in needless percent-encoding", 200, get("/%761.0/1234/backups")),
  row("an id in needless percent-encoding", 200, get(`${LIST}/f%75ll`)),
  row("an id with everything that a path cannot have", 200, get(`${LIST}/a%2Fb%3Fc%25d%20%c3%a4%3Be%23f`)),
  row("the same without its encoded slash", 404, get(`${LIST}/a/b%3Fc%25d%20%c3%a4%3Be%23f`)),
  row("an account of 255 characters", 403, get(`/v1.0/${"a".repeat(255)}/backups`)),
  row("an account of three dots", 403, get("/v1.0/.../backups")),
  row("an account of a tilde", 403, get("/v1.0/~/backups")),
  row("the account of another", 403, get("/v1.0/99/backups")),
  row("the account of another, in percent-encoding", 403, get("/v1.0/%39%39/backups")),
  row(
    "the account in other letters",
    403,
    raw("GET /v1.0/SCRATCH/backups HTTP/1.1", [HOST, auth(tokens.scratch), CLOSE])
  ),
  row("an account with a dot behind it", 403, get("/v1.0/1234./backups"))
]
