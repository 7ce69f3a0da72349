import { tokens } from "./fixture.ts"
import { ask, auth, CLOSE, get, HOST, LIST, type Row, raw, row, sendJson, shown, words } from "./Row.ts"

/** An operation with the parameters that it has, each with a good value. */
interface Operation {
  readonly target: string
  readonly params: Readonly<Record<string, string>>
  readonly token?: string
}

const page = { limit: "5", marker: "full" }
const filters = {
  datastore: "mysql",
  status: "COMPLETED",
  created_since: "2014-06-19T15:56:58Z",
  created_before: "2014-06-19T15:56:58Z",
  include: "retired"
}

const list: Operation = { target: LIST, params: { ...filters, instance_id: "db-1", ...page } }
// What is asked for beyond the account is 403 to others before it is read.
const listOfAll: Operation = { target: LIST, params: { all_projects: "true", project_id: "99" }, token: tokens.admin }
const listOfInstance: Operation = { target: "/v1.0/1234/instances/db-1/backups", params: { ...filters, ...page } }
const descendants: Operation = { target: `${LIST}/full/descendants`, params: page }
const includes = { include_clustered: "false", include_ha: "1", include_replicas: "True" }
const instances: Operation = { target: "/v1.0/1234/instances", params: { ...page, ...includes } }

const imports: Operation = { target: "/v1.0/1234/imports", params: { ...page, source: "x" } }
const history: Operation = { target: `${LIST}/full/history`, params: page }
const coverage: Operation = {
  target: "/v1.0/1234/coverage",
  params: { ...page, instance_id: "db-1", datastore: "mysql", verdict: "fresh", max_age: "26h" }
}

const operations = [list, listOfAll, listOfInstance, descendants, instances, imports, history, coverage]
const others = [listOfInstance, descendants, instances, imports, history, coverage]

const repeatable = new Set(["status", "verdict"])

const query = ({ target, token = tokens.member }: Operation, search: string): Buffer =>
  raw(`GET ${target}?${search} HTTP/1.1`, [HOST, auth(token), CLOSE])

const refused = (operation: Operation, search: string, says: string): Row =>
  row(`GET ${operation.target}?${shown(search)}`, 400, query(operation, search), { says })

const eachRefused = (operation: Operation, name: string, values: ReadonlyArray<string>): ReadonlyArray<Row> =>
  values.map((value) => refused(operation, `${name}=${value}`, name))

/** Values that no parameter has. */
const never = ["", ...words("%00 %ff % %4 %zz %c0%80 %c0%af %ed%a0%80 %f4%90%80%80 %c3 %u0031")]

const badLimits = words(`
  0 -0 -1 1.5 1_0 1e2 0x10 +5 %2B5 %205%20 NaN null true 5abc %D9%A5
  00 -5 5.0 5. .5 1E0 0b1 0o7 5n %205 5%20 5%0a 5%00 %095 5,5 5;5 5%261 1%2C000 1'000 Infinity undefined [5] %5B%5D {} '5'
  %225%22 abc %EF%BC%95 %E2%85%A4 %C2%B2 5%E2%80%8B 1%20OR%201=1 %2A -9223372036854775809`)

const limitsAboveMaximum = [
  ...words("1001 4294967297 2147483648 9007199254740993 9223372036854775808 99999999999999999999999"),
  "9".repeat(400)
]

const badTimes = words(`
  yesterday 0 1403193418 null 2014-06-19 2014-06-19T15:56:58 2014-06-31T00:00:00Z 2014-06-19T15:56:58+02:00 10000-01-01T00:00:00Z
  now -1 NaN true 2014 2014-06 2014-06-19T15:56Z 2014-06-19T15Z 20140619T155658Z 2014-6-19T15:56:58Z 14-06-19T15:56:58Z
  2015-02-29T00:00:00Z 2014-00-10T00:00:00Z 2014-13-01T00:00:00Z 2014-06-00T00:00:00Z 2014-06-19T24:00:00Z 2014-06-19T15:60:00Z
  2014-06-19T15:56:61Z 2014-06-19T15:56:58.Z 2014-06-19T15:56:58,5Z 2014-06-19T15:56:58%2B2:00 2014-06-19T15:56:58%2B24:00
  2014-06-19T15:56:58%2B02:60 2014-06-19T15:56:58%2B02 2014-06-19T15:56:58Z%2B02:00 2014-06-19T15:56:58%20UTC
  2014-06-19T15:56:58Z%20 %202014-06-19T15:56:58Z 2014-06-19T15:56:58Z%0a 2014-06-19T15:56:58Z%00 -0001-01-01T00:00:00Z
  %2B2014-06-19T15:56:58Z 0000-01-01T00:00:00%2B23:59 9999-12-31T23:59:59-23:59 2014-06-19T15:56:58%E2%88%9202:00
  %D9%A2014-06-19T15:56:58Z 2014-W25-4T15:56:58Z 2014-170T15:56:58Z 2014-06-19T15:56:58Z'%20OR%20'1'='1
  2014-06-19T15:56:58Z,2014-06-19T15:56:58Z`)

const badStatuses = [
  ...words(`
    completed Completed COMPLETED%20 %20COMPLETED COMPLETED,NEW COMPLETED%7CNEW RUNNING 0 null true %2A %25 __proto__ toString
    COMPLETED%00 COMPLETED%0a COMPLETED'-- [COMPLETED] COMPLETE%C3%90`),
  "x".repeat(10_000)
]

const badMarkers = [
  ...words(`
    none only-99 FULL full%20 full%00 p1 p1. p1.0 p1.0. p1..YQ p1.x.YQ p1.-.YQ p1.-0.YQ p1.00.YQ p1.%2B0.YQ p1.1e3.YQ p1.1.5.YQ
    p1.0x1.YQ p1.0.YQ%3D%3D p1.0.YR p1.0.%21 p1.0.YQ. p1.0.YQ.99 p1.0.Lg p1.0.Li4 p1.0.AA p1.0._w p1.0.7aCA P1.0.YQ p0.0.YQ
    p2.0.YQ.99 p2.0.YQ.1234 p2.0.YQ p3.0.YQ i1.ZGItMQ p1.999999999999999999.YQ p1.-999999999999999999.YQ
    p1.99999999999999999999.YQ p1.0.YQ%00 p1.0.YQ%20 %20p1.0.YQ p1.0.YQ%0a 0 -1 null undefined true [] %2A %25 '
    %27%20OR%20%271%27=%271 x'%20UNION%20ALL%20VALUES(1)-- __proto__ ..%2F..%2Fetc%2Fpasswd http:%2F%2Felsewhere.example%2F`),
  ...[255, 256, 2048, 2049, 15_000].map((length) => "x".repeat(length)),
  `p1.0.${"YWFh".repeat(85)}YQ`,
  `p1.0.${"A".repeat(10_000)}`,
  `p1.${"9".repeat(10_000)}.YQ`,
  "%F0%9F%98%80".repeat(1000)
]

const unknownNames = [
  ...words(`
    unknown offset Limit limit%5B%5D limit[] __proto__ constructor %ff % %00
    page page_size sort sort_key fields q deleted include filter id name parent_id size tenant_id account accountId callback
    format _ - . LIMIT limit%20 %20limit +limit limit%00 limit[0] limit[gt] limit.x limit%3D5 limit;marker amp;limit ?limit
    %3Flimit %256cimit l%C4%B1mit %EF%BD%8Cimit limit%E2%80%8B Marker marker%5B%5D __proto__[limit] constructor.prototype
    hasOwnProperty toString length 0 %c0%80 %zz ' %22 $where datastore[$ne]`),
  "",
  "x".repeat(10_000)
]

const badDatastores = [
  ...words("%00 mysql%00 mysql%0a %0d%0aX-Injected:%20yes %1b[31m %7f %C2%85"),
  "x".repeat(256),
  "%F0%9F%98%80".repeat(256),
  "x".repeat(15_000)
]

const unknownDatastores = [
  ...words(`
    mysqll mysq my mysql%20 %20mysql mysql,postgresql mysql%7Cpostgresql mysql%26limit=1 mysql; 'mysql' %22mysql%22 [mysql] %25
    %25mysql%25 ____ my%2A %2A null undefined true 0 -1 NaN __proto__ constructor toString %27%20OR%20%271%27=%271
    x%27;%20DROP%20TABLE%20backups;-- %5C %5C%27 $%7Bjndi%7D %7B%7B7*7%7D%7D ..%2F..%2Fetc%2Fpasswd m%C3%BDsql %EF%BD%8Dysql
    mysql%E2%80%8B %E2%80%AElqsym %D0%BCysql`),
  "x".repeat(255),
  "%F0%9F%98%80".repeat(255)
]

const badBooleans = [
  ...words("yes no on off t 2 -1 00 01 1.0 null undefined true%20 %20true true%00 true,false [true] %D9%A1 '1'"),
  "x".repeat(10_000)
]

const badAccounts = [
  ...words("a%2Fb a%20b %2A %25 99%00 99,1234 '99' %27%20OR%20%271%27=%271 %C3%A4 . .."),
  "x".repeat(256),
  "x".repeat(10_000)
]

const badInstances = [...words("%00 db-1%00 %0a %7f"), "x".repeat(256), "x".repeat(10_000)]
const unknownInstances = [...words("none DB-1 db-1%20 %25 ____ %27%20OR%20%271%27=%271 __proto__"), "x".repeat(255)]

const inCapitals = (name: string): string => name.replace(/[a-z]+$/, (end) => end.toUpperCase())
const encodedAtFirst = (name: string): string => `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`

const everyWrongWay = (operation: Operation, name: string, good: string): ReadonlyArray<Row> => [
  ...eachRefused(operation, name, never),
  refused(operation, name, name),
  refused(operation, `&&${name}=&`, name),
  refused(operation, `${inCapitals(name)}=${good}`, "not known"),
  refused(operation, `${name}%5B%5D=${good}`, "not known"),
  ...(repeatable.has(name)
    ? [refused(operation, `${name}=${good}&${name}=`, name)]
    : [
        refused(operation, `${name}=${good}&${name}=${good}`, name),
        refused(operation, `${name}=${good}&${encodedAtFirst(name)}=${good}`, name)
      ])
]

const aboveMaximum = (operation: Operation, limit: string): Row =>
  row(`GET ${operation.target}?limit=${shown(limit)}`, 413, query(operation, `limit=${limit}`), { says: "1000" })

const unknownDatastore = (operation: Operation, type: string): Row =>
  row(`GET ${operation.target}?datastore=${shown(type)}`, 404, query(operation, `datastore=${type}`))

/** Each parameter of each operation that has some, with every kind of wrong value; and those that nobody has. */
export const queries: ReadonlyArray<Row> = [
  ...operations.flatMap((operation) =>
    Object.entries(operation.params).flatMap(([name, good]) => everyWrongWay(operation, name, good))
  ),
  ...eachRefused(list, "limit", badLimits),
  ...limitsAboveMaximum.map((limit) => aboveMaximum(list, limit)),
  ...eachRefused(list, "marker", badMarkers),
  ...eachRefused(list, "created_since", badTimes),
  ...eachRefused(list, "created_before", badTimes),
  ...badStatuses.map((status) => refused(list, `status=COMPLETED&status=${status}`, "status")),
  ...eachRefused(list, "datastore", badDatastores),
  ...unknownDatastores.map((type) => unknownDatastore(list, type)),
  ...eachRefused(list, "instance_id", badInstances),
  ...unknownInstances.map((id) =>
    row(`GET ${LIST}?instance_id=${shown(id)}`, 200, query(list, `instance_id=${id}`), { says: '"backups":[]' })
  ),
  ...eachRefused(listOfAll, "all_projects", badBooleans),
  ...eachRefused(listOfAll, "project_id", badAccounts),
  ...eachRefused(list, "all_projects", badBooleans),
  ...unknownNames.map((name) => refused(list, `${name}=1`, "query parameter")),

  ...others.flatMap((operation) => [
    ...eachRefused(operation, "limit", badLimits.slice(0, 15)),
    ...limitsAboveMaximum.map((limit) => aboveMaximum(operation, limit)),
    ...unknownNames.slice(0, 10).map((name) => refused(operation, `${name}=1`, "query parameter"))
  ]),
  ...[listOfInstance, descendants].flatMap((operation) => eachRefused(operation, "marker", badMarkers.slice(0, 40))),
  ...eachRefused(listOfInstance, "created_since", badTimes.slice(0, 9)),
  ...eachRefused(listOfInstance, "created_before", badTimes.slice(0, 9)),
  ...badStatuses.slice(0, 9).map((status) => refused(listOfInstance, `status=NEW&status=${status}`, "status")),
  ...eachRefused(listOfInstance, "datastore", badDatastores),
  ...unknownDatastores.slice(0, 12).map((type) => unknownDatastore(listOfInstance, type)),
  ...Object.keys(includes).flatMap((name) => eachRefused(instances, name, badBooleans)),
  refused(listOfInstance, "instance_id=db-1", "instance_id"),
  ...Object.keys({ ...list.params, all_projects: "" })
    .filter((name) => !(name in page))
    .flatMap((name) => [refused(descendants, `${name}=1`, name), refused(instances, `${name}=1`, name)]),
  ...words("verbose=1 limit=5 marker=full %ff=1 = x").flatMap((search) => [
    row(`show with ?${search}`, 400, get(`${LIST}/full?${search}`)),
    row(`show of none with ?${search}`, 400, get(`${LIST}/none?${search}`)),
    row(`show instance with ?${search}`, 400, get(`/v1.0/1234/instances/db-1?${search}`)),
    row(`limits with ?${search}`, 400, get(`/v1.0/1234/limits?${search}`)),
    row(`DELETE with ?${search}`, 400, ask("DELETE", `${LIST}/full?${search}`)),
    row(`POST with ?${search}`, 400, sendJson("POST", `${LIST}?${search}`, {})),
    row(`PUT with ?${search}`, 400, sendJson("PUT", `${LIST}/full?${search}`, {})),
    row(`PUT of a policy with ?${search}`, 400, sendJson("PUT", `/v1.0/1234/policy?${search}`, { policy: {} }))
  ]),
  row("an 8-bit value", 400, get(`${LIST}?datastore=\xe4`)),
  row("an 8-bit name", 400, get(`${LIST}?\xe4=1`)),

  ...words("true True TRUE 1 tRuE %74rue").map((value) =>
    row(`all_projects=${value} by a member`, 403, get(`${LIST}?all_projects=${value}`))
  ),
  ...words("false False 0").map((value) =>
    row(`all_projects=${value} by a member`, 200, get(`${LIST}?all_projects=${value}`))
  ),
  row("project_id of another by a member", 403, get(`${LIST}?project_id=99`)),
  row("project_id of nobody by a member", 403, get(`${LIST}?project_id=nobody`)),
  row("project_id in percent-encoding by a member", 403, get(`${LIST}?%70roject%5Fid=99`)),
  row("all_projects in percent-encoding by a member", 403, get(`${LIST}?%61ll_project%73=%31`)),
  row("all_projects behind others by a member", 403, get(`${LIST}?limit=5&datastore=mysql&all_projects=1`)),
  row("all_projects true behind false by a member", 403, get(`${LIST}?all_projects=false&all_projects=true`)),
  row("all_projects before a wrong limit by a member", 403, get(`${LIST}?all_projects=true&limit=0`)),
  row("project_id behind an unknown parameter by a member", 403, get(`${LIST}?unknown=1&project_id=99`)),
  row("all_projects in double percent-encoding by a member", 400, get(`${LIST}?%2561ll_projects=true`)),
  row("all_projects by a reader", 403, raw(`GET ${LIST}?all_projects=1 HTTP/1.1`, [HOST, auth(tokens.reader), CLOSE])),
  row("all_projects by a HEAD", 403, ask("HEAD", `${LIST}?all_projects=true`), { bodiless: true }),

  row("10,000 parameters", 400, get(`${LIST}?${"a&".repeat(10_000)}`)),
  row("10,000 separators", 200, get(`${LIST}?${"&".repeat(10_000)}`)),
  row("a parameter behind 10,000 separators", 400, get(`${LIST}?${"&".repeat(10_000)}limit=0`), { says: "limit" }),
  row("1,000 statuses", 200, get(`${LIST}?${"status=FAILED&".repeat(1000)}status=COMPLETED`)),
  row("1,000 verdicts", 200, get(`${coverage.target}?${"verdict=stale&".repeat(1000)}`)),
  row("1,000 statuses and a wrong one", 400, get(`${LIST}?${"status=NEW&".repeat(1000)}status=OLD`), {
    says: "status"
  }),
  row("1,000 limits", 400, get(`${LIST}?${"limit=5&".repeat(1000)}`), { says: "limit" }),
  row("a time to the 10,000th decimal", 200, get(`${LIST}?created_since=2014-06-19T15:56:58.${"1".repeat(10_000)}Z`)),
  row("the ends of time", 200, get(`${LIST}?created_since=0000-01-01T00:00:00Z&created_before=9999-12-31T23:59:59Z`)),
  row("a question mark more", 400, get(`${LIST}??limit=1`)),
  row("a second query", 400, get(`${LIST}?limit=1?limit=2`), { says: "limit" }),
  row("semicolons between parameters", 400, get(`${LIST}?limit=1;datastore=mysql`), { says: "limit" }),
  row("an ampersand of HTML", 400, get(`${LIST}?limit=1&amp;datastore=mysql`), { says: "datastore" }),
  row("an equals sign more", 400, get(`${LIST}?limit==1`), { says: "limit" }),
  row("a good parameter in percent-encoding", 200, get(`${LIST}?%6c%69%6d%69%74=%31`)),
  row("a query without a parameter", 200, get(`${LIST}?`)),
  row("a wrong limit before an unknown parameter", 400, get(`${LIST}?limit=0&unknown=1`)),
  row("a wrong limit before an unknown datastore", 400, get(`${LIST}?datastore=nothing&limit=0`), { says: "limit" }),
  row("a limit above the maximum before an unknown datastore", 413, get(`${LIST}?datastore=nothing&limit=1001`)),
  row("an unknown marker before an unknown datastore", 400, get(`${LIST}?datastore=nothing&marker=none`), {
    says: "marker"
  })
]
