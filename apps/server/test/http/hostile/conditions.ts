import { record } from "./fixture.ts"
import { ask, get, JSON_TYPE, LIST, type Row, row, SCRATCH, send, shown } from "./Row.ts"

const body = JSON.stringify({ backup: { ...record, name: "must not be written" } })
const impossible = JSON.stringify({ backup: { ...record, parent_id: "none" } })

const put = (id: string, ...headers: ReadonlyArray<string>): Buffer =>
  send("PUT", `${LIST}/${id}`, body, [JSON_TYPE, ...headers])
const remove = (id: string, ...headers: ReadonlyArray<string>): Buffer => ask("DELETE", `${LIST}/${id}`, headers)

const noTags: ReadonlyArray<string> = [
  "abc",
  "'abc'",
  '"abc',
  'abc"',
  '"a"b"',
  '"a" "b"',
  '"a";"b"',
  '"a",b',
  '*,"a"',
  '"a",*',
  "**",
  "*x",
  'w/"a"',
  'W/ "a"',
  "W/a",
  'W"a"',
  "W/",
  '"a b"',
  "",
  ",",
  "null",
  '{"a":1}',
  '"a", W/',
  `"a"${" ".repeat(5000)}x`
]

const otherTags: ReadonlyArray<string> = [
  '"another"',
  '""',
  'W/"another"',
  '"a", "b", W/"c"',
  '"*"',
  '"a,b"',
  '"\xe4\xff"',
  '"/v1.0/1234/backups/full"',
  '"0"',
  '"0.."',
  '"."',
  '"0.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAA"',
  `"${"x".repeat(10_000)}"`,
  Array.from({ length: 2000 }, () => '"x"').join(",")
]

/** Conditions of every shape: one that cannot be read, or does not hold, must never write. */
export const conditions: ReadonlyArray<Row> = [
  ...noTags.flatMap((tags) => [
    row(`PUT with If-Match: ${shown(tags)}`, 400, put("full", `If-Match: ${tags}`), { says: "If-Match" }),
    row(`PUT with If-None-Match: ${shown(tags)}`, 400, put("none", `If-None-Match: ${tags}`), {
      says: "If-None-Match"
    }),
    row(`DELETE with If-Match: ${shown(tags)}`, 400, remove("full", `If-Match: ${tags}`), { says: "If-Match" }),
    row(`DELETE with If-None-Match: ${shown(tags)}`, 400, remove("full", `If-None-Match: ${tags}`)),
    row(`GET with If-None-Match: ${shown(tags)}`, 200, get(LIST, `If-None-Match: ${tags}`)),
    row(`show with If-None-Match: ${shown(tags)}`, 200, get(`${LIST}/full`, `If-None-Match: ${tags}`))
  ]),
  ...otherTags.flatMap((tags) => [
    row(`PUT with If-Match: ${shown(tags)}`, 412, put("full", `If-Match: ${tags}`)),
    row(`PUT of a new one with If-Match: ${shown(tags)}`, 412, put("none", `If-Match: ${tags}`)),
    row(`DELETE with If-Match: ${shown(tags)}`, 412, remove("full", `If-Match: ${tags}`)),
    row(`DELETE of none with If-Match: ${shown(tags)}`, 404, remove("none", `If-Match: ${tags}`)),
    row(`GET with If-None-Match: ${shown(tags)}`, 200, get(LIST, `If-None-Match: ${tags}`)),
    row(`show with If-None-Match: ${shown(tags)}`, 200, get(`${LIST}/full`, `If-None-Match: ${tags}`))
  ]),
  row("PUT of a new one that must be there", 412, put("none", "If-Match: *")),
  row("PUT of one that must not be there", 412, put("full", "If-None-Match: *")),
  row("PUT of one that must not be there, in spaces", 412, put("full", "If-None-Match:  * ")),
  row("PUT of a new one with both", 412, put("none", "If-Match: *", "If-None-Match: *")),
  row("PUT with both", 412, put("full", "If-Match: *", "If-None-Match: *")),
  row("PUT with If-Match twice, once any", 400, put("full", 'If-Match: "another"', "If-Match: *")),
  row("PUT with If-Match twice, once any, first", 400, put("full", "If-Match: *", 'If-Match: "another"')),
  row("PUT with If-Match twice", 412, put("full", 'If-Match: "one"', 'If-Match: "other"')),
  row("PUT with If-None-Match twice, once any", 400, put("full", 'If-None-Match: "another"', "If-None-Match: *")),
  row("PUT with a good If-Match and a bad If-None-Match", 400, put("full", "If-Match: *", "If-None-Match: x")),
  row(
    "PUT of one that must not be there, of an impossible parent",
    412,
    send("PUT", `${LIST}/full`, impossible, [JSON_TYPE, "If-None-Match: *"])
  ),
  row(
    "PUT of one that must not be there, of no JSON",
    400,
    send("PUT", `${LIST}/full`, "{", [JSON_TYPE, "If-None-Match: *"])
  ),
  row(
    "PUT of one that must not be there, of a wrong record",
    400,
    send("PUT", `${LIST}/full`, "{}", [JSON_TYPE, "If-None-Match: *"])
  ),
  row("DELETE of one that must not be there", 412, remove("full", "If-None-Match: *")),
  row("DELETE of none that must be there", 404, remove("none", "If-Match: *")),
  row("DELETE of none that must not be there", 404, remove("none", "If-None-Match: *")),
  row("DELETE of one that is being made, by another tag", 412, remove("running", 'If-Match: "another"')),
  row("DELETE of one that is being made, by any tag", 422, remove("running", "If-Match: *")),
  row("GET of a list that is there", 304, get(LIST, "If-None-Match: *")),
  row("GET of a list that is there, with a wrong query", 400, get(`${LIST}?limit=0`, "If-None-Match: *"), {
    says: "limit"
  }),
  row("GET of a list of no datastore", 404, get(`${LIST}?datastore=nothing`, "If-None-Match: *")),
  row("GET of a list with a limit above the maximum", 413, get(`${LIST}?limit=1001`, "If-None-Match: *")),
  row("show of one that is there", 304, get(`${LIST}/full`, "If-None-Match: *")),
  row("show of one that is not there", 404, get(`${LIST}/none`, "If-None-Match: *")),
  row("show of another account's", 404, get(`${LIST}/only-99`, "If-None-Match: *")),
  row("list of another account's instance", 404, get("/v1.0/1234/instances/none/backups", "If-None-Match: *")),
  row("GET with dates that are none", 200, get(LIST, "If-Modified-Since: x", "If-Unmodified-Since: y")),
  row("GET with a date to come", 200, get(LIST, "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT")),
  row(
    "PUT with a tag that nothing has yet",
    201,
    send("PUT", `${SCRATCH}/by-condition`, body, [JSON_TYPE, 'If-None-Match: "another"'])
  ),
  row(
    "PUT of a new one that must not be there",
    201,
    send("PUT", `${SCRATCH}/by-absence`, body, [JSON_TYPE, "If-None-Match: *"])
  )
]
