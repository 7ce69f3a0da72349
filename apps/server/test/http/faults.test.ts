import { connect } from "node:net"
import { setImmediate } from "node:timers/promises"
import { BackupId } from "@backup-catalog/core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { prepare, start } from "../support/server.ts"
import { get, sendBytes, sendLines, sendRaw } from "../support/socket.ts"
import { emptyStore, type TestStore } from "../support/TestStore.ts"
import { assertFault, plainBackup as backup } from "./assertFault.ts"

const list = "/v1.0/1234/backups"

describe.each([
  ["in front of the router", true],
  ["through the router", false]
] as const)("faults %s", (_, leanList) => {
  let url = ""
  let kept: TestStore
  const ends: Array<() => unknown> = []

  beforeAll(async () => {
    kept = await emptyStore((clean) => ends.push(clean))
    const store = kept.address
    await prepare(
      store,
      { "1234": [backup, { ...backup, id: BackupId.make("corrupt") }] },
      { good: { account: "1234" }, other: { account: "99" }, expired: { account: "1234", expires: 1 } }
    )
    const [started, stop] = await start({
      store,
      leanList,
      limits: { maxHeaderBytes: 4096, requestTimeout: 1500, grace: 1000 }
    })
    url = started
    ends.unshift(stop)
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })

  it.each([
    ["limit=0", 400],
    ["limit=-1", 400],
    ["limit=1.5", 400],
    ["limit=1_0", 400],
    ["limit=%205%20", 400],
    ["limit=abc", 400],
    ["limit=", 400],
    ["limit", 400],
    ["limit=1&limit=1", 400],
    ["limit=0x10", 400],
    ["limit=1e2", 400],
    ["limit=+5", 400],
    ["limit=1001", 413],
    ["limit=99999999999999999999999", 413],
    ["marker=", 400],
    ["marker=unknown", 400],
    ["marker=p1.0", 400],
    ["marker=p1.99999999999999999999.YQ", 400],
    ["marker=p1.0.YQ%3D%3D", 400],
    ["datastore=", 400],
    ["datastore=%ff", 400],
    ["datastore=%", 400],
    ["datastore=%zz", 400],
    ["datastore=%ed%a0%80", 400],
    ["datastore=a&datastore=b", 400],
    ["datastore=mysqll", 404],
    ["datastore=mysql", 200],
    ["datastore=MyS%51L", 200],
    ["status=completed", 400],
    ["status=NEW&status=BAD", 400],
    ["status=NEW&status=", 400],
    ["status=NEW&status=NEW", 200],
    ["instance_id=", 400],
    ["instance_id=%00", 400],
    ["instance_id=none", 200],
    ["created_since=yesterday", 400],
    ["created_since=2014-06-19T15:56:58", 400],
    ["created_since=2014-06-31T00:00:00Z", 400],
    ["created_since=2014-06-19T15:56:58+02:00", 400],
    ["created_since=2014-06-19T15:56:58%2B02:00", 200],
    ["created_before=0001-01-01T00:00:00Z", 200],
    ["created_before=9999-12-31T23:59:59Z", 200],
    ["created_before=2014-06-19", 400],
    ["unknown=1", 400],
    ["Limit=1", 400],
    ["include=deleted", 400],
    ["=1", 400],
    ["%ff=1", 400],
    ["&&", 200],
    ["", 200],
    ["limit=5000&marker=unknown", 400],
    ["limit=5000&datastore=mysqll", 413]
  ])("?%s is %i", async (query, code) => {
    const answer = await get(url, `${list}?${query}`, "good")
    if (code === 200) return assert.strictEqual(answer.status, 200, answer.body)
    assertFault(answer, code, { 400: "badRequest", 404: "itemNotFound", 413: "overLimit" }[code] ?? "", query)
    const [name] = query.split("=")
    if (code === 400 && name !== "" && !name?.startsWith("%"))
      assert.include(
        answer.body,
        decodeURIComponent(
          query.includes("BAD") ? "status" : query.includes("marker=unknown") ? "marker" : (name ?? "")
        )
      )
    if (code === 413) assert.include(answer.body, "1000")
  })

  it.each([
    ["/v1.0/1234/backups/", 404],
    ["/V1.0/1234/backups", 404],
    ["/v1.0/1234/Backups", 404],
    ["/v2.0/1234/backups", 404],
    ["/v1.0//backups", 404],
    ["//v1.0/1234/backups", 404],
    ["/v1.0/1234%2Fbackups", 404],
    ["/v1.0/12%2034/backups", 404],
    [`/v1.0/${"a".repeat(256)}/backups`, 404],
    ["/v1.0/%zz/backups", 404],
    ["/v1.0/1234/backups/x/y", 404],
    ["/v1.0/", 404],
    ["/v1.0/../v1.0/1234/backups", 404],
    ["/favicon.ico", 404],
    ["/v1.0/1234/backups/a%2Fb%3Fc%25d%20%C3%A4", 200],
    ["/v1.0/1234/backups/a%2Fb", 404],
    ["/v1.0/../backups", 404],
    ["/v1.0/./backups", 404],
    ["/v1.0/1234/backups/corrupt;x", 404],
    ["/v1.0/1234/backups/corrupt#x", 404],
    ["/v1.0/1234/backups/a%3Bb", 404],
    ["/v1.0/1234/backups/a;b?x=1", 400],
    ["/v1.0/1234/backups/..", 404],
    ["/v1.0/1234/backups/%00", 404],
    ["/v1.0/1234/imports/%2e", 404],
    [`/v1.0/1234/imports/${"x".repeat(256)}`, 404],
    [`/v1.0/1234/instances/${"x".repeat(256)}`, 404],
    [`/v1.0/1234/backups/${"x".repeat(256)}`, 404],
    [`/v1.0/1234/backups/${"%F0%9F%98%80".repeat(200)}`, 404],
    ["/v1.0/%31234/backups", 200],
    ["/v1.0/1234/backups/a%2Fb%3Fc%25d%20%C3%A4?verbose=1", 400],
    ["http://elsewhere.example/v1.0/1234/backups", 200],
    ["/", 200],
    ["/v1.0", 200],
    ["/healthz", 200],
    ["/readyz", 200]
  ])("GET %s is %i", async (target, code) => {
    const answer = await get(url, target, "good")
    if (code === 200) return assert.strictEqual(answer.status, 200, answer.body)
    assertFault(answer, code, code === 404 ? "itemNotFound" : "badRequest", target)
  })

  it("says what an id must be that nothing can have", async () => {
    const answer = await sendLines(
      url,
      [`PUT ${list}/%00 HTTP/1.1`, "Host: x", "X-Auth-Token: good", "Content-Length: 2"],
      "{}"
    )
    assertFault(answer, 404, "itemNotFound", "a control character")
    assert.include(answer.body, "can have no backup with this id, which must not contain control characters.")
  })

  it("refuses a token that is missing, unknown, expired, doubled or endless with 401, another account's with 403", async () => {
    for (const token of [undefined, "", "unknown", "expired", "GOOD", "good, good", "x".repeat(3900)]) {
      assertFault(await get(url, list, token), 401, "unauthorized", String(token).slice(0, 20))
    }
    const doubled = await sendLines(url, [
      `GET ${list} HTTP/1.1`,
      "Host: x",
      "X-Auth-Token: good",
      "X-Auth-Token: good"
    ])
    assertFault(doubled, 401, "unauthorized", "doubled")
    assertFault(await get(url, list, "other"), 403, "forbidden", "other")
    assertFault(await get(url, `${list}/a`, "other"), 403, "forbidden", "show")
  })

  it("checks in the order of the contract: path, method, token, account, query, item", async () => {
    assertFault(await sendLines(url, ["POST /nowhere HTTP/1.1", "Host: x"]), 404, "itemNotFound", "path before method")
    assertFault(
      await sendLines(url, [`PATCH ${list}?bad=1 HTTP/1.1`, "Host: x"]),
      405,
      "badMethod",
      "method before token"
    )
    assertFault(await get(url, `${list}?bad=1`), 401, "unauthorized", "token before query")
    assertFault(await get(url, `${list}?bad=1`, "other"), 403, "forbidden", "account before query")
    assertFault(await get(url, `${list}?datastore=nope&bad=1`, "good"), 400, "badRequest", "query before item")
    assertFault(await get(url, `${list}/nope?bad=1`, "good"), 400, "badRequest", "query before item")
  })

  it("answers every other method with 405 and Allow, OPTIONS with 204 and Allow", async () => {
    for (const [target, has] of [
      [list, ["GET", "HEAD", "POST"]],
      [`${list}/x`, ["GET", "HEAD", "PUT", "DELETE"]],
      [`${list}/x/descendants`, ["GET", "HEAD"]],
      ["/v1.0/1234/limits", ["GET", "HEAD"]],
      ["/v1.0/1234/instances/x/backups", ["GET", "HEAD"]],
      ["/", ["GET", "HEAD"]],
      ["/healthz", ["GET", "HEAD"]],
      ["/openapi.json", ["GET", "HEAD"]],
      ["/docs", ["GET", "HEAD"]]
    ] as const) {
      const allow = [...has, "OPTIONS"].join(", ")
      const lacks = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"].filter(
        (method) => !has.some((one) => one === method)
      )
      for (const method of lacks) {
        const answer = await sendLines(url, [
          `${method} ${target} HTTP/1.1`,
          "Host: x",
          "X-Auth-Token: good",
          "Content-Length: 0"
        ])
        assertFault(answer, 405, "badMethod", `${method} ${target}`)
        assert.strictEqual(answer.headers.allow, allow)
      }
      const options = await sendLines(url, [`OPTIONS ${target} HTTP/1.1`, "Host: x"])
      assert.strictEqual(options.status, 204)
      assert.strictEqual(options.headers.allow, allow)
      assert.strictEqual(options.body, "")
    }
    assert.strictEqual((await sendLines(url, ["OPTIONS * HTTP/1.1", "Host: x"])).status, 204)
    assertFault(
      await sendBytes(url, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n"),
      405,
      "badMethod",
      "CONNECT"
    )
  })

  it("refuses a body where none belongs, and takes an empty one", async () => {
    const head = [`GET ${list} HTTP/1.1`, "Host: x", "X-Auth-Token: good"]
    assertFault(await sendLines(url, [...head, "Content-Length: 2"], "{}"), 400, "badRequest", "with a length")
    assertFault(
      await sendLines(url, [...head, "Transfer-Encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n"),
      400,
      "badRequest",
      "chunked"
    )
    assert.strictEqual((await sendLines(url, [...head, "Content-Length: 0"])).status, 200)
    assert.strictEqual((await sendLines(url, [...head, "Transfer-Encoding: chunked"], "0\r\n\r\n")).status, 200)
    assertFault(
      await sendLines(url, [`GET ${list} HTTP/1.1`, "Host: x", "Content-Length: 2"], "{}"),
      401,
      "unauthorized",
      "token first"
    )
  })

  it("answers what the HTTP parser refuses, and stays well", async () => {
    const refused: ReadonlyArray<readonly [string, string | Buffer]> = [
      ["no HTTP", "hello\r\n\r\n"],
      ["a method that does not exist", `FETCH ${list} HTTP/1.1\r\nHost: x\r\n\r\n`],
      ["no version", `GET ${list}\r\n\r\n`],
      ["HTTP/3.0", `GET ${list} HTTP/3.0\r\nHost: x\r\n\r\n`],
      ["a space in the target", "GET /v1.0/12 34/backups HTTP/1.1\r\nHost: x\r\n\r\n"],
      ["a header without a colon", `GET ${list} HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n`],
      ["a bad length", `GET ${list} HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n`],
      ["two lengths", `GET ${list} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
      [
        "length and chunks",
        `POST ${list} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`
      ],
      ["NUL in a header", `GET ${list} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: a\u0000b\r\n\r\n`],
      ["headers too large", `GET ${list} HTTP/1.1\r\nHost: x\r\nX-Pad: ${"x".repeat(5000)}\r\n\r\n`],
      ["a target too long", `GET ${list}?datastore=${"x".repeat(5000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
      ["no Host", `GET ${list} HTTP/1.1\r\nConnection: close\r\n\r\n`],
      ["two Hosts", `GET ${list} HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n`],
      ["an odd Host", `GET ${list} HTTP/1.1\r\nHost: a/b@c\r\nConnection: close\r\n\r\n`],
      [
        "an Expect that nobody knows",
        `GET ${list} HTTP/1.1\r\nHost: a\r\nExpect: the-unexpected\r\nConnection: close\r\n\r\n`
      ],
      ["a TLS hello", Buffer.from("16030100c8010000c40303", "hex")]
    ]
    for (const [what, bytes] of refused) assertFault(await sendBytes(url, bytes), 400, "badRequest", what)
    for (const line of [`FETCH ${list} HTTP/1.1`, "get / HTTP/1.1"]) {
      const { body } = await sendLines(url, [line, "Host: x"])
      assert.include(body, "does not begin with a method that this server knows", line)
    }
    assert.strictEqual((await get(url, list, "good")).status, 200)
  })

  it("gives up on a request that does not arrive in time", async () => {
    assertFault(await sendBytes(url, `GET ${list} HTTP/1.1\r\nHost: x\r\n`), 400, "badRequest", "slow headers")
  })

  it("answers and closes when the rest of a body is bad, or never comes", async () => {
    const head = `GET ${list} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: good\r\nTransfer-Encoding: chunked\r\n\r\n`
    for (const rest of ["", "zz\r\n", "0\r\nno trailer\r\n\r\n"]) {
      assertFault(await sendBytes(url, head + rest), 400, "badRequest", JSON.stringify(rest))
    }
  })

  it("reads on for a while where it has refused a body and is to close, so that its answer is read", async () => {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    let said = ""
    socket.setEncoding("utf8").on("data", (text) => {
      said += text
    })
    const head = "X-Auth-Token: nobody\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
    const chunk = `${(65_536).toString(16)}\r\n${"x".repeat(65_536)}\r\n`
    const write = (bytes: string) =>
      new Promise<void>((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())))
    await write(`POST /v1.0/1234/imports?source=a HTTP/1.1\r\nHost: x\r\n${head}\r\n${chunk}`)
    await eventually("an answer", () => said.includes("}}"))
    // It goes on although it could have read that nobody wants it.
    for (let n = 0; n < 20; n++) {
      await write(chunk)
      await setImmediate()
    }
    assert.match(said, /^HTTP\/1\.1 401 .*\r\nConnection: close\r\n/s)
    socket.destroy()
  })

  it("answers good requests before what is refused behind them on the same connection", async () => {
    const good = `GET ${list} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: good\r\n\r\n`
    const text = await sendRaw(url, `${good}${good}${good}nonsense\r\n\r\n`)
    const codes = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => code)
    assert.deepStrictEqual(codes, ["200", "200", "200", "400"])
  })

  it("says that it reads nothing behind a request for another protocol", async () => {
    const head = `GET ${list} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: good\r\n`
    const text = await sendRaw(url, `${head}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n${head}\r\n`)
    assert.match(text, /^HTTP\/1\.1 200 .*\r\nConnection: close\r\n/s)
    assert.lengthOf(text.match(/HTTP\/1\.1 /g) ?? [], 1)
  })

  it("answers HTTP/1.0 without a Host", async () => {
    const answer = await sendBytes(url, "GET / HTTP/1.0\r\n\r\n")
    assert.strictEqual(answer.status, 200)
    assert.include(answer.body, url)
  })

  it("answers a defect with 500 and the request's id, and nothing of its inside", async () => {
    await kept.change(`UPDATE backups SET record = '{"secret": "inside", "id": 1}' WHERE id = 'corrupt'`)
    const answer = await get(url, `${list}/corrupt`, "good")
    assertFault(answer, 500, "instanceFault", "corrupt row")
    assert.include(answer.body, answer.headers["x-request-id"] ?? "no id")
    assert.notInclude(answer.body, "inside")
    await kept.change("ALTER TABLE backups RENAME TO elsewhere")
    // A page that nobody asked for before: those that were are remembered.
    assertFault(await get(url, `${list}?limit=777`, "good"), 500, "instanceFault", "no table")
    await kept.change("ALTER TABLE elsewhere RENAME TO backups")
    assert.strictEqual((await get(url, list, "good")).status, 200)
  })
})
