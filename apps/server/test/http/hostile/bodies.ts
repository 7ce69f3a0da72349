import { gzipSync } from "node:zlib"
import { record } from "./fixture.ts"
import { ask, bytes, chunked, JSON_TYPE, LIST, type Row, row, SCRATCH, send, sendJson, shown } from "./Row.ts"

const MAX_BYTES = 1_048_576
const DEPTH = 100_000

const { size: _, ...recordWithoutSize } = record
const restoreFrom = { remote_location: "https://elsewhere.example/x", local_datastore_version_id: "v", size: 1 }
const registration = { name: "must not be written", restore_from: restoreFrom }

/** An operation that writes, with a value that it would take. */
interface Writing {
  readonly method: string
  readonly target: string
  readonly good: object
}

const upsert: Writing = { method: "PUT", target: `${LIST}/full`, good: { ...record, name: "must not be written" } }
const register: Writing = { method: "POST", target: LIST, good: registration }
const writing = [upsert, register]

const padded = (value: unknown, length: number): string => JSON.stringify(value).padEnd(length)
const nested = (open: string, close: string, within = ""): string => open.repeat(DEPTH) + within + close.repeat(DEPTH)

/** Bodies that no operation takes, whatever it is. */
const noBodies: ReadonlyArray<readonly [name: string, body: string | Buffer]> = [
  ["nothing", ""],
  ["a space", " "],
  ["a line's end", "\r\n"],
  ["null", "null"],
  ["true", "true"],
  ["false", "false"],
  ["0", "0"],
  ["-0", "-0"],
  ["1e400", "1e400"],
  ["a text", '"backup"'],
  ["an empty text", '""'],
  ["an empty array", "[]"],
  ["an array of nothing", "[null]"],
  ["an empty object", "{}"],
  ["an object of null", '{"backup":null}'],
  ["an object of a text", '{"backup":"full"}'],
  ["an object of an empty text", '{"backup":""}'],
  ["an object of a number", '{"backup":1}'],
  ["an object of true", '{"backup":true}'],
  ["an object of an array", '{"backup":[]}'],
  ["an object of an array of objects", '{"backup":[{}]}'],
  ["an object of JSON in a text", '{"backup":"{}"}'],
  ["another member", '{"backups":{}}'],
  ["the member in capitals", '{"BACKUP":{}}'],
  ["the member with a space", '{"backup ":{}}'],
  ["the member as __proto__", '{"__proto__":{"backup":{}}}'],
  ["a lone brace", "{"],
  ["braces the wrong way round", "}{"],
  ["a lone quote", '"'],
  ["an object that breaks off", '{"backup":{"name":"x"'],
  ["an object with more behind it", '{"backup":{}}x'],
  ["two objects", '{"backup":{}}{"backup":{}}'],
  ["a comma at the end", '{"backup":{},}'],
  ["a comma at the beginning", '{,"backup":{}}'],
  ["a name without quotes", "{backup:{}}"],
  ["single quotes", "{'backup':{}}"],
  ["a comment", '{"backup":{}} // x'],
  ["another comment", '{/* x */"backup":{}}'],
  ["NaN", '{"backup":{"size":NaN}}'],
  ["Infinity", '{"backup":{"size":Infinity}}'],
  ["undefined", '{"backup":undefined}'],
  ["a hexadecimal number", '{"backup":{"size":0x1}}'],
  ["a number with a leading zero", '{"backup":{"size":01}}'],
  ["a number that begins with a point", '{"backup":{"size":.5}}'],
  ["a number with a plus sign", '{"backup":{"size":+5}}'],
  ["a text with a tab in it", '{"backup":{"name":"a\tb"}}'],
  ["a text with a line's end in it", '{"backup":{"name":"a\nb"}}'],
  ["a text with a NUL in it", '{"backup":{"name":"a\0b"}}'],
  ["an escape that is none", '{"backup":{"name":"\\x41"}}'],
  ["an escape that breaks off", '{"backup":{"name":"\\u12"}}'],
  ["a byte order mark", '\ufeff{"backup":{}}'],
  ["a byte order mark alone", "\ufeff"],
  ["a byte that is no UTF-8", bytes('{"backup":{"name":"\xff"}}')],
  ["an overlong slash", bytes('{"backup":{"name":"\xc0\xaf"}}')],
  ["a surrogate in UTF-8", bytes('{"backup":{"name":"\xed\xa0\x80"}}')],
  ["a character that breaks off", bytes('{"backup":{"name":"\xe2\x82"}}')],
  ["a character above all", bytes('{"backup":{"name":"\xf4\x90\x80\x80"}}')],
  ["Latin-1", bytes('{"backup":{"name":"\xe4"}}')],
  ["UTF-16", Buffer.from('{"backup":{}}', "utf16le")],
  ["UTF-16 with its mark", Buffer.from('\ufeff{"backup":{}}', "utf16le")],
  ["NULs", Buffer.alloc(1000)],
  ["a form", "backup%5Bname%5D=x"],
  ["XML", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><backup>&e;</backup>'],
  ["YAML", "backup:\n  name: x\n"],
  ["gzip that nobody spoke of", gzipSync('{"backup":{}}')],
  ["arrays in arrays", nested("[", "]")],
  ["arrays in arrays that do not end", "[".repeat(DEPTH)],
  ["objects in objects", nested('{"a":', "}", "1")],
  ["objects in objects that do not end", '{"a":'.repeat(DEPTH)],
  ["objects and arrays in each other", nested('{"a":[', "]}")],
  ["a megabyte of spaces", " ".repeat(MAX_BYTES)],
  ["a megabyte of zeros", "0".repeat(MAX_BYTES)],
  ["a number of a megabyte", `{"backup":${"9".repeat(MAX_BYTES - 11)}}`],
  ["a megabyte of escapes", `"${"\\u0041".repeat(170_000)}"`],
  ["a name of 100,000 letters for a member", JSON.stringify({ ["x".repeat(100_000)]: 1 })],
  ["100,000 members", `{${Array.from({ length: 50_000 }, (_, n) => `"m${n}":${n}`).join(",")}}`],
  ["a megabyte, and wrong", padded({ backup: null }, MAX_BYTES)]
]

const noTypes: ReadonlyArray<string> = [
  "",
  "application",
  "json",
  "application/",
  "/json",
  "application/jsonx",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/vnd.api+json",
  "application/x-json",
  "application/json5",
  "application/json, text/plain",
  "text/plain, application/json",
  "application/json text/plain",
  "application / json",
  "text/json",
  "text/plain",
  "text/html",
  "application/xml",
  "application/octet-stream",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "multipart/form-data; boundary=application/json",
  "application/json; charset=utf-16",
  "application/json; charset=iso-8859-1",
  "application/json; charset=us-ascii,utf-8",
  "application/json; charset=utf-7",
  "application/json; charset=",
  "*/*",
  "application/*",
  '"application/json"',
  "application/json\xff",
  "null",
  "x".repeat(10_000),
  `application/json${" ".repeat(10_000)}x`
]

const encodings = [
  "gzip",
  "GZIP",
  "x-gzip",
  "deflate",
  "br",
  "zstd",
  "compress",
  "gzip, gzip",
  "identity, gzip",
  "gzip, identity",
  "nonsense",
  "\xff"
]

const lone = "\ud800"
const long = "x".repeat(256)
const anyText = [1, true, [], {}, lone]

/** Values that a member of a record cannot have. */
const wrongMembers: Readonly<Record<string, ReadonlyArray<unknown>>> = {
  id: [1, true, [], {}, "", "other", "FULL", "full ", ".", "..", "only-99"],
  name: [1, null, true, [], {}, "", long, lone, `${lone}x`, "😀".repeat(256)],
  description: anyText,
  status: [1, null, true, [], {}, "", "completed", "RUNNING", "COMPLETED ", "NEW,FAILED", ["NEW"], "__proto__"],
  created: [
    1_403_193_418,
    null,
    true,
    [],
    {},
    "",
    "now",
    "2014-06-19",
    "2014-06-31T00:00:00",
    "2014-13-01T00:00:00",
    "2014-06-19T24:00:00",
    "10000-01-01T00:00:00",
    "-0001-01-01T00:00:00",
    "2014-06-19T15:56:58+24:00",
    "2014-06-19T15:56:58 UTC",
    "9999-12-31T23:59:59-00:01",
    "2014-06-19T15:56:58Z\n"
  ],
  updated: [
    1_403_193_418,
    null,
    true,
    [],
    {},
    "",
    "yesterday",
    "2014-06-19",
    "2014-02-30T00:00:00",
    "0000-01-01T00:00:00+00:01"
  ],
  size: ["1", true, [], {}, [1], -1, -0.000_001, 8_589_934_593, 1e300, "NaN", "Infinity", "null"],
  instance_id: [1, true, [], {}, "", long, "a\0", "a\n", "\x7f", lone],
  parent_id: [1, true, [], {}, "", long, ".", "..", "a\0", lone],
  locationRef: anyText,
  datastore: [
    "MySQL",
    1,
    true,
    [],
    {},
    { type: 1 },
    { type: null },
    { type: "" },
    { type: long },
    { type: "a\0" },
    { type: lone },
    { type: {} },
    { version: "5.1" },
    { type: "MySQL", version: 5.1 },
    { type: "MySQL", version: [] },
    { type: "MySQL", version_id: 1 },
    { type: "MySQL", version_id: lone },
    { type: "MySQL", edition: "x" },
    [{ type: "MySQL" }]
  ],
  project_id: [1, true, [], {}, "", "99", "1234 ", "scratch", "..", long]
}

/** Members that a record does not have. */
const unknownMembers = [
  "colour",
  "Name",
  "NAME",
  "name ",
  " name",
  "instanceId",
  "instance",
  "datastore_version",
  "links",
  "backup",
  "",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "0",
  "\0",
  "x".repeat(100_000)
]

/** Values that a registration cannot have. */
const wrongRegistrations: ReadonlyArray<readonly [member: string, value: unknown]> = [
  ...[1, null, true, [], {}, "", long, lone].map((value) => ["name", value] as const),
  ...anyText.map((value) => ["description", value] as const),
  ...["instance", "parent_id", "swift_container", "storage_driver"].flatMap((name) =>
    ["full", "", 0, 1, false, true, [], {}, [null]].map((value) => [name, value] as const)
  ),
  ...[1, 2, -1, 0.5, true, "0", "", "false", [], {}].map((value) => ["incremental", value] as const),
  ...["x", 1, true, [], {}, [restoreFrom]].map((value) => ["restore_from", value] as const),
  ...[1, null, true, [], {}, "", "x".repeat(4097), lone].flatMap((value) => [
    ["restore_from", { ...restoreFrom, remote_location: value }] as const,
    ["restore_from", { ...restoreFrom, local_datastore_version_id: value }] as const
  ]),
  ...["1", null, true, [], {}, -1, 8_589_934_593, 1e300].map(
    (value) => ["restore_from", { ...restoreFrom, size: value }] as const
  ),
  ...Object.keys(restoreFrom).map(
    (missing) =>
      ["restore_from", Object.fromEntries(Object.entries(restoreFrom).filter(([name]) => name !== missing))] as const
  ),
  ...["colour", "Size", "__proto__", "constructor"].map(
    (name) => ["restore_from", JSON.parse(`{${JSON.stringify(restoreFrom).slice(1, -1)},"${name}":1}`)] as const
  )
]

// As JSON text, since an object literal cannot have __proto__ as a member of its own.
const withMember = (good: object, name: string, value: string): string =>
  `{"backup":{${JSON.stringify(good).slice(1, -1)},${JSON.stringify(name)}:${value}}}`

const without = (good: object, missing: string): object =>
  Object.fromEntries(Object.entries(good).filter(([name]) => name !== missing))

const put = (id: string, members: object): Buffer =>
  sendJson("PUT", `${LIST}/${id}`, { backup: { ...record, ...members } })

const asChunks = ({ method, target }: Writing, body: string | Buffer, size?: number): Buffer =>
  ask(method, target, [JSON_TYPE, "Transfer-Encoding: chunked"], chunked(body, size))

const scratch = (id: string, body: string, headers?: ReadonlyArray<string>): Buffer =>
  send("PUT", `${SCRATCH}/${id}`, body, headers)
const good = JSON.stringify({ backup: record })

/** Bodies of every wrong shape at the operations that write, and bodies where none belongs. */
export const bodies: ReadonlyArray<Row> = [
  ...writing.flatMap((operation) => {
    const { method, target } = operation
    const whole = JSON.stringify({ backup: operation.good })
    return [
      ...noBodies.map(([name, body]) => row(`${method} of ${name}`, 400, send(method, target, body))),
      ...noBodies
        .slice(0, 30)
        .map(([name, body]) => row(`${method} of ${name} in chunks`, 400, asChunks(operation, body, 1))),
      row(`${method} without a body or a length`, 400, ask(method, target)),
      row(`${method} without a body, of a type`, 400, ask(method, target, [JSON_TYPE])),
      row(`${method} of a good body without a type`, 415, send(method, target, whole, [])),
      ...noTypes.map((type) =>
        row(`${method} of the type ${shown(type)}`, 415, send(method, target, whole, [`Content-Type: ${type}`]))
      ),
      row(`${method} of two types`, 415, send(method, target, whole, [JSON_TYPE, "Content-Type: text/plain"])),
      row(
        `${method} of two types the other way round`,
        415,
        send(method, target, whole, ["Content-Type: text/plain", JSON_TYPE])
      ),
      ...encodings.map((encoding) =>
        row(
          `${method} of the encoding ${shown(encoding)}`,
          415,
          send(method, target, whole, [JSON_TYPE, `Content-Encoding: ${encoding}`])
        )
      ),
      row(`${method} of good gzip`, 415, send(method, target, gzipSync(whole), [JSON_TYPE, "Content-Encoding: gzip"])),
      row(
        `${method} of a byte too much`,
        413,
        send(method, target, padded({ backup: operation.good }, MAX_BYTES + 1)),
        { says: "1048576" }
      ),
      row(
        `${method} of a byte too much in chunks`,
        413,
        asChunks(operation, padded({ backup: operation.good }, MAX_BYTES + 1)),
        { says: "1048576" }
      ),
      row(`${method} of twice too much in chunks`, 413, asChunks(operation, " ".repeat(2 * MAX_BYTES), 4096)),
      row(
        `${method} of a value in a member deep within`,
        400,
        send(
          method,
          target,
          `{"backup":{"name":${nested("[", "]")}}}`.replace(
            '{"name"',
            `${JSON.stringify(operation.good).slice(0, -1)},"description"`
          )
        )
      ),
      row(
        `${method} of a value in an unknown member deep within`,
        400,
        send(method, target, withMember(operation.good, "colour", nested('{"a":', "}", "1")))
      ),
      ...unknownMembers.map((name) =>
        row(
          `${method} of the unknown member ${shown(name)}`,
          400,
          send(method, target, withMember(operation.good, name, "1"))
        )
      ),
      ...["colour", "__proto__", "Backup"].map((name) =>
        row(
          `${method} of the unknown member ${name} beside the record`,
          400,
          send(method, target, `{"${name}":{},${whole.slice(1)}`)
        )
      ),
      row(
        `${method} of the same wrong member twice`,
        400,
        send(method, target, withMember({ ...operation.good, name: 5 }, "name", "6"))
      )
    ]
  }),

  ...Object.entries(wrongMembers).flatMap(([name, values]) =>
    values.map((value) => row(`PUT of ${name} ${shown(value)}`, 400, put("full", { [name]: value }), { says: name }))
  ),
  ...["1e400", "-1e400", "8589934592.1", "1e99999"].map((size) =>
    row(`PUT of size ${size}`, 400, send("PUT", `${LIST}/full`, withMember(recordWithoutSize, "size", size)), {
      says: "size"
    })
  ),
  ...["name", "status", "created", "updated"].map((name) =>
    row(`PUT without ${name}`, 400, sendJson("PUT", `${LIST}/full`, { backup: without(record, name) }), { says: name })
  ),
  ...wrongRegistrations.map(([name, value]) =>
    row(
      `POST of ${name} ${shown(value)}`,
      400,
      sendJson("POST", LIST, { backup: { ...registration, [name]: value } }),
      { says: name }
    )
  ),
  row("POST without a name", 400, sendJson("POST", LIST, { backup: without(registration, "name") }), { says: "name" }),
  row("POST that asks to take a backup", 501, sendJson("POST", LIST, { backup: { name: "x", instance: "db-1" } })),
  row(
    "POST that asks to take a backup, as python-troveclient does",
    501,
    sendJson("POST", LIST, { backup: { name: "x", instance: "db-1", incremental: 0, description: "y" } })
  ),
  row(
    "POST that asks to take an incremental backup",
    501,
    sendJson("POST", LIST, { backup: { name: "x", instance: "db-1", incremental: 1, parent_id: "full" } })
  ),
  row(
    "POST that asks to take a backup in chunks",
    501,
    asChunks(register, JSON.stringify({ backup: { name: "x", instance: "db-1" } }), 3)
  ),
  row(
    "POST that asks to take a backup, with __proto__",
    501,
    send("POST", LIST, '{"backup":{"name":"x","instance":"db-1","__proto__":{"restore_from":{}}}}')
  ),

  row("PUT of a parent that there is not", 422, put("full", { parent_id: "none" })),
  row("PUT of a parent that only another account has", 422, put("full", { parent_id: "only-99" })),
  row("PUT of itself as its parent", 422, put("full", { parent_id: "full" })),
  row("PUT of a new one as its own parent", 422, put("none", { parent_id: "none" })),
  row("PUT of a child as its parent", 422, put("full", { parent_id: "inc-1" })),
  row("PUT of a grandchild as its parent", 422, put("full", { parent_id: "inc-2" })),
  row("PUT of a parent in other letters", 422, put("inc-1", { parent_id: "FULL" })),
  row("PUT of a parent of another instance", 422, put("none", { parent_id: "lone" })),
  row("PUT of a parent and no instance", 422, put("none", { parent_id: "full", instance_id: null })),
  row("PUT of another instance than its parent", 422, put("inc-1", { parent_id: "full", instance_id: "db-2" })),
  row("PUT of another instance than its children", 422, put("full", { instance_id: "db-2" })),
  row("PUT of no instance, over its children", 422, put("full", { instance_id: null })),
  row("PUT of an impossible parent and a wrong status", 400, put("full", { parent_id: "none", status: "done" })),
  row("DELETE of one that is being made", 422, ask("DELETE", `${LIST}/running`)),
  row("DELETE of the parent of one that is being made", 422, ask("DELETE", `${LIST}/base-of-running`)),
  row("DELETE of none", 404, ask("DELETE", `${LIST}/none`)),
  row("DELETE of another account's", 404, ask("DELETE", `${LIST}/only-99`)),

  ...["GET", "DELETE"].flatMap((method) => [
    row(`${method} with a body`, 400, ask(method, `${LIST}/full`, ["Content-Length: 2"], "{}")),
    row(`${method} with a body of a space`, 400, ask(method, `${LIST}/full`, ["Content-Length: 1"], " ")),
    row(
      `${method} with a body in chunks`,
      400,
      ask(method, `${LIST}/full`, ["Transfer-Encoding: chunked"], chunked("{}", 1))
    ),
    row(`${method} with a body of a type`, 400, send(method, `${LIST}/full`, good)),
    row(`${method} with a body above the maximum`, 400, send(method, `${LIST}/full`, " ".repeat(MAX_BYTES + 1))),
    row(
      `${method} with a body above the maximum in chunks`,
      400,
      ask(method, `${LIST}/full`, ["Transfer-Encoding: chunked"], chunked(" ".repeat(MAX_BYTES + 1)))
    ),
    row(`${method} of none with a body`, 400, ask(method, `${LIST}/none`, ["Content-Length: 2"], "{}")),
    row(`${method} of none with a length of many zeros`, 404, ask(method, `${LIST}/none`, ["Content-Length: 000"]))
  ]),
  row("GET with a length of two zeros", 200, ask("GET", LIST, ["Content-Length: 00"])),
  row("PUT with a length of two zeros", 400, ask("PUT", `${LIST}/full`, [JSON_TYPE, "Content-Length: 00"]), {
    says: "has none"
  }),
  ...[
    LIST,
    `${LIST}/full/descendants`,
    `${LIST}/full/history`,
    "/v1.0/1234/imports/none",
    "/v1.0/1234/policy",
    "/v1.0/1234/limits",
    "/v1.0/1234/instances",
    "/v1.0/1234/instances/db-1",
    "/v1.0/1234/instances/db-1/backups",
    "/v1.0/1234/instances/none/backups"
  ].flatMap((target) => [
    row(`GET ${target} with a body`, 400, ask("GET", target, ["Content-Length: 2"], "{}")),
    row(`GET ${target} with a body in chunks`, 400, ask("GET", target, ["Transfer-Encoding: chunked"], chunked("{}"))),
    row(`GET ${target} with a filter in its body`, 400, send("GET", target, '{"datastore":"mysql"}')),
    row(`HEAD ${target} with a body`, 400, ask("HEAD", target, ["Content-Length: 2"], "{}"), { bodiless: true })
  ]),
  row(
    "a wrong query before a body where none belongs",
    400,
    ask("GET", `${LIST}?limit=0`, ["Content-Length: 2"], "{}"),
    { says: "limit" }
  ),
  row("a body behind a path that there is not", 404, send("POST", "/v1.0/1234/nothing", " ".repeat(MAX_BYTES + 1))),
  row("a body behind a method that there is not", 405, send("PATCH", LIST, " ".repeat(MAX_BYTES + 1))),
  row("a body behind what is not offered", 501, send("POST", "/v1.0/1234/instances", " ".repeat(MAX_BYTES + 1))),
  row("a body behind another account", 403, send("PUT", "/v1.0/99/backups/full", " ".repeat(MAX_BYTES + 1))),

  row("PUT of a megabyte exactly", 201, scratch("exact", padded({ backup: record }, MAX_BYTES))),
  row(
    "PUT of a megabyte exactly in chunks",
    201,
    ask(
      "PUT",
      `${SCRATCH}/chunks`,
      [JSON_TYPE, "Transfer-Encoding: chunked"],
      chunked(padded({ backup: record }, MAX_BYTES))
    )
  ),
  row(
    "PUT in chunks of a byte",
    201,
    ask("PUT", `${SCRATCH}/single`, [JSON_TYPE, "Transfer-Encoding: chunked"], chunked(good, 1))
  ),
  row(
    "PUT of a name of 255 emoji",
    201,
    scratch("emoji", JSON.stringify({ backup: { ...record, name: "😀".repeat(255) } }))
  ),
  row("PUT of a surrogate pair in escapes", 201, scratch("pair", good.replace("nightly", "\\ud83d\\ude00"))),
  row(
    "PUT of a NUL in a description",
    201,
    scratch("nul", good.replace('"description":null', '"description":"a\\u0000b"'))
  ),
  row("PUT of a script in a name", 201, scratch("script", good.replace("nightly", "<script>alert(1)</script>"))),
  row("PUT of SQL in a name", 201, scratch("sql", good.replace("nightly", "'); DROP TABLE backups;--"))),
  row(
    "PUT of a location on this machine",
    201,
    scratch("location", good.replace('"locationRef":null', '"locationRef":"file:///etc/passwd"'))
  ),
  row(
    "PUT of the type in capitals and of a charset",
    201,
    scratch("charset", good, ['Content-Type: APPLICATION/JSON; Charset="UTF-8"'])
  ),
  row("PUT of the encoding identity", 201, scratch("identity", good, [JSON_TYPE, "Content-Encoding: identity"])),
  row("PUT of spaces around", 201, scratch("spaces", `\r\n\t ${good} \r\n`))
]
