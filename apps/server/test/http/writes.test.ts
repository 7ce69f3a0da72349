import { assert, describe, it } from "vitest"
import { assertFault, familyServer, record, upsert } from "./familyServer.ts"

const { ask, ids, putRecord } = familyServer()

describe("PUT of a backup", () => {
  it("is 201 the first time and 200 after, and keeps what it was given", async () => {
    const first = await ask("PUT", "/backups/put-1", { body: upsert({ size: 1.5, description: "by hand" }) })
    assert.strictEqual(first.status, 201, first.text)
    const again = await ask("PUT", "/backups/put-1", { body: upsert({ size: 1.5, description: "by hand" }) })
    assert.strictEqual(again.status, 200)
    assert.deepStrictEqual(again.json, first.json)
    const shown = await ask("GET", "/backups/put-1")
    assert.deepStrictEqual(shown.json, {
      backup: {
        id: "put-1",
        name: "registered",
        description: "by hand",
        status: "COMPLETED",
        created: "2026-01-02T03:04:05",
        updated: "2026-01-02T03:04:06",
        size: 1.5,
        instance_id: "db-1",
        parent_id: null,
        locationRef: null
      }
    })
    const exact = await ask("GET", "/backups?created_since=2026-01-02T03:04:05.678901Z")
    assert.strictEqual(exact.json.backups.length, 1, "the microseconds are kept")
  })

  it("takes back what show gave without losing microseconds, bytes or its place", async () => {
    await putRecord("exact", { size: 0.1 })
    const before = await ask("GET", "/backups/exact")
    // As they are, and as toISOString of a Date writes them.
    for (const body of [before.text, before.text.replaceAll(/(:\d\d)"/g, '$1.000Z"')]) {
      assert.strictEqual((await ask("PUT", "/backups/exact", { body })).status, 200)
    }
    const since = await ask(
      "GET",
      "/backups?created_since=2026-01-02T03:04:05.678901Z&created_before=2026-01-02T03:04:05.678902Z"
    )
    assert.include(since.text, '"exact"')
    for (const [filter, found] of [
      ["created_since=2026-01-02T03:04:05.6789009Z&created_before=2026-01-02T03:04:05.6789010001Z", true],
      ["created_since=2026-01-02T03:04:05.6789010001Z", false],
      ["created_before=2026-01-02T03:04:05.6789009Z&created_since=2026-01-02T03:04:05Z", false]
    ] as const) {
      assert.strictEqual((await ask("GET", `/backups?${filter}`)).text.includes('"exact"'), found, filter)
    }
    assert.strictEqual((await ask("GET", "/backups/exact")).headers.get("etag"), before.headers.get("etag"))
  })

  it("refuses a body that is not exactly a record, and names the member", async () => {
    for (const [body, about] of [
      ["", "body"],
      ["null", ""],
      ["[]", ""],
      ['"x"', ""],
      ["{}", "backup"],
      ["{", "JSON"],
      ['{"backup":null}', "backup"],
      ['{"backup":{}}', "name"],
      [upsert({ name: "" }), "name"],
      [upsert({ name: 5 }), "name"],
      [upsert({ status: "DONE" }), "status"],
      [upsert({ created: "yesterday" }), "created"],
      [upsert({ description: "x".repeat(16_385) }), "16384"],
      [upsert({ locationRef: "x".repeat(4097) }), "4096"],
      [upsert({ datastore: { type: "MySQL", version: "x".repeat(256) } }), "255"],
      [upsert({ instance_id: ".." }), "instance_id"],
      [upsert({ size: -1 }), "size"],
      [upsert({ size: "1" }), "size"],
      [upsert({ parentid: "x" }), "parentid"],
      [upsert({ datastore: { type: "MySQL", flavour: "x" } }), "flavour"],
      [upsert({ datastore: {} }), "type"],
      [upsert({ id: "another" }), "id"],
      [upsert({ project_id: "99" }), "project_id"],
      [JSON.stringify({ backup: record(), more: 1 }), "more"],
      [`{"backup":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "body, backup is not what it must be, but nested"],
      [upsert().replace('"registered"', "[".repeat(5000) + "]".repeat(5000)), "backup.name is not"],
      [upsert({ datastore: 0 }).replace("0}}", `${"[".repeat(5000)}${"]".repeat(5000)}}}`), "backup.datastore is not"],
      [upsert({ ["x".repeat(500_000)]: 1 }), `backup.${"x".repeat(64)}… is not known`]
    ] as const) {
      assertFault(await ask("PUT", "/backups/never", { body }), 400, about)
    }
    assertFault(await ask("GET", "/backups/never"), 404)
  })

  it("refuses what is not JSON by its headers with 415, and what is too large with 413", async () => {
    for (const headers of [
      { "Content-Type": "text/plain" },
      { "Content-Type": "application/json; charset=latin1" },
      { "Content-Type": "application/x-www-form-urlencoded" },
      { "Content-Type": "application/json", "Content-Encoding": "gzip" }
    ]) {
      assertFault(await ask("PUT", "/backups/never", { body: upsert(), headers }), 415)
    }
    assert.strictEqual(
      (
        await ask("PUT", "/backups/typed", {
          body: upsert(),
          headers: { "Content-Type": "application/json;charset=UTF-8" }
        })
      ).status,
      201
    )
    const exactly = upsert().padEnd(1_048_576, " ")
    assert.strictEqual((await ask("PUT", "/backups/large", { body: exactly })).status, 201)
    assertFault(await ask("PUT", "/backups/larger", { body: `${exactly} ` }), 413, "1048576")
    assertFault(await ask("GET", "/backups/larger"), 404)
    assert.strictEqual((await ask("DELETE", "/backups/large")).status, 202)
  })

  it("refuses a chain that does not hold together with 422", async () => {
    for (const [id, members] of [
      ["chain-1", {}],
      ["chain-2", { parent_id: "chain-1" }],
      ["chain-3", { parent_id: "chain-2" }]
    ] as const) {
      assert.strictEqual((await ask("PUT", `/backups/${id}`, { body: upsert(members) })).status, 201)
    }
    for (const [id, members] of [
      ["chain-4", { parent_id: "nobody" }],
      ["chain-4", { parent_id: "chain-4" }],
      ["chain-4", { parent_id: "chain-1", instance_id: "db-2" }],
      ["chain-4", { parent_id: "full" }],
      ["chain-1", { parent_id: "chain-1" }],
      ["chain-1", { parent_id: "chain-3" }],
      ["chain-1", { instance_id: "db-2" }]
    ] as const) {
      assertFault(await ask("PUT", `/backups/${id}`, { body: upsert(members) }), 422)
    }
    assertFault(await ask("GET", "/backups/chain-4"), 404)
    assert.strictEqual((await ask("DELETE", "/backups/chain-1")).status, 202)
  })

  it("honours If-Match and If-None-Match", async () => {
    assertFault(await ask("PUT", "/backups/cond", { body: upsert(), headers: { "If-Match": "*" } }), 412)
    const made = await ask("PUT", "/backups/cond", { body: upsert(), headers: { "If-None-Match": "*" } })
    assert.strictEqual(made.status, 201)
    assertFault(await ask("PUT", "/backups/cond", { body: upsert(), headers: { "If-None-Match": "*" } }), 412)
    const shown = (await ask("GET", "/backups/cond")).headers.get("etag") ?? ""
    const tag = made.headers.get("etag") ?? ""
    // Another record changes meanwhile: this one is still what the tag says.
    await ask("PUT", "/backups/cond-other", { body: upsert() })
    assert.strictEqual(
      (await ask("PUT", "/backups/cond", { body: upsert({ name: "two" }), headers: { "If-Match": tag } })).status,
      200
    )
    for (const stale of [tag, shown, '"nothing"', `W/${shown}`]) {
      assertFault(
        await ask("PUT", "/backups/cond", { body: upsert({ name: "three" }), headers: { "If-Match": stale } }),
        412
      )
      assertFault(await ask("DELETE", "/backups/cond", { headers: { "If-Match": stale } }), 412)
    }
    for (const odd of ["nothing", '"a" "b"', '"', ""]) {
      const answer = await ask("PUT", "/backups/cond", {
        body: upsert({ name: "three" }),
        headers: { "If-Match": odd }
      })
      assertFault(answer, 400, "If-Match")
    }
    const now = (await ask("GET", "/backups/cond")).headers.get("etag") ?? ""
    assert.include((await ask("GET", "/backups/cond")).text, '"two"')
    assert.strictEqual((await ask("DELETE", "/backups/cond", { headers: { "If-Match": `"x", ${now}` } })).status, 202)
    await ask("DELETE", "/backups/cond-other")
  })

  it("refuses conditions on writes that have no entity tag, and changes nothing", async () => {
    const before = (await ask("GET", "/policy")).text
    const restored = {
      name: "x",
      restore_from: { remote_location: "s3://b/x", local_datastore_version_id: "v-8", size: 1 }
    }
    for (const header of ["If-Match", "If-None-Match"]) {
      for (const value of ["*", '"nope"', "nope"]) {
        const conditional = (method: string, path: string, body?: object, type = "application/json") =>
          ask(method, path, {
            headers: { [header]: value, ...(body === undefined ? {} : { "Content-Type": type }) },
            ...(body === undefined ? {} : { body: JSON.stringify(body) })
          })
        for (const answer of [
          await conditional("PUT", "/policy", { policy: { max_age: "3h" } }),
          await conditional("POST", "/imports?source=cond&mode=merge", record({ id: "cond" }), "application/x-ndjson"),
          await conditional("POST", "/backups", { backup: restored }),
          await conditional("DELETE", "/coverage/db-1")
        ]) {
          assertFault(answer, 412, header)
        }
      }
    }
    assert.strictEqual((await ask("GET", "/policy")).text, before)
    assert.strictEqual((await ask("GET", "/backups/cond")).status, 404)
  })

  it("of one record by many at once leaves one of them, and counts one as the first", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        ask("PUT", "/backups/race", { body: upsert({ name: `n${n}` }), headers: n % 2 ? { "If-None-Match": "*" } : {} })
      )
    )
    assert.strictEqual(answers.filter(({ status }) => status === 201).length, 1)
    assert.isTrue(answers.every(({ status }) => [200, 201, 412].includes(status)))
    await ask("DELETE", "/backups/race")
  })
})

describe("a tag of a write", () => {
  it("is not taken for a state of the account: where nothing was ever written there is nothing to be the same", async () => {
    const made = await ask("PUT", "/backups/tagged-write", { body: upsert() })
    const tag = made.headers.get("etag") ?? ""
    assert.strictEqual((await ask("GET", "/backups/tagged-write", { headers: { "If-None-Match": tag } })).status, 304)
    // The same tag, asked of an account that has never been written to.
    const other = tag.replace(/^"[^.]*/, '"0')
    await ask("DELETE", "/backups/tagged-write")
    for (const one of [tag, other]) {
      assertFault(await ask("GET", "/backups/tagged-write", { headers: { "If-None-Match": one } }), 404)
    }
  })

  it("differs for records that differ in a microsecond", async () => {
    const tags = []
    for (const fraction of ["7", "9"]) {
      const body = upsert({ created: `2026-01-02T03:04:05.${fraction}Z` })
      tags.push((await ask("PUT", "/backups/exactly", { body })).headers.get("etag"))
    }
    assert.notStrictEqual(tags[0], tags[1])
    await ask("DELETE", "/backups/exactly")
  })
})

describe("POST of a backup", () => {
  const restore = (members: Record<string, unknown> = {}, from: Record<string, unknown> = {}) =>
    JSON.stringify({
      backup: {
        name: "from elsewhere",
        restore_from: {
          remote_location: "http://swift.example/c/o",
          local_datastore_version_id: "v-9",
          size: 2.5,
          ...from
        },
        ...members
      }
    })

  const registered = {
    name: "from elsewhere",
    description: "Datastore version v-9.",
    status: "RESTORED",
    size: 2.5,
    instance_id: null,
    parent_id: null,
    locationRef: "http://swift.example/c/o"
  }

  it("registers what exists elsewhere: 202, a new id, RESTORED", async () => {
    const answer = await ask("POST", "/backups", { body: restore() })
    assert.strictEqual(answer.status, 202, answer.text)
    const { id, created, updated, ...rest } = answer.json.backup
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.isBelow(Math.abs(Date.parse(`${created}Z`) - Date.now()), 60_000)
    assert.strictEqual(updated, created)
    assert.deepStrictEqual(rest, registered)
    assert.deepStrictEqual((await ask("GET", `/backups/${id}`)).json, answer.json)
    assert.strictEqual((await ask("DELETE", `/backups/${id}`)).status, 202)
  })

  it("takes what clients of Trove send beside it, as long as it asks for nothing", async () => {
    for (const incremental of [0, false, null]) {
      const nothing = { incremental, instance: null, parent_id: null, swift_container: null, storage_driver: null }
      const answer = await ask("POST", "/backups", { body: restore({ ...nothing, description: null }) })
      assert.strictEqual(answer.status, 202, answer.text)
      const { id, created, updated, ...rest } = answer.json.backup
      assert.deepStrictEqual(rest, registered)
      assert.strictEqual((await ask("DELETE", `/backups/${id}`)).status, 202)
    }
  })

  it("takes the datastore from the newest other backup of that version", async () => {
    for (const [id, created, version] of [
      ["versioned-older", "2026-01-04T00:00:00Z", "15"],
      ["versioned", "2026-01-05T00:00:00Z", "16"],
      ["versioned-oldest", "2026-01-03T00:00:00Z", "14"]
    ] as const) {
      await putRecord(id, { created, datastore: { type: "PostgreSQL", version, version_id: "pg-16" } })
    }
    const { json } = await ask("POST", "/backups", {
      body: restore({ description: "mine" }, { local_datastore_version_id: "pg-16" })
    })
    assert.deepStrictEqual(json.backup.datastore, { type: "PostgreSQL", version: "16", version_id: "pg-16" })
    assert.strictEqual(json.backup.description, "mine")
    for (const id of ["versioned", "versioned-older", "versioned-oldest", json.backup.id]) {
      await ask("DELETE", `/backups/${id}`)
    }
  })

  it("is 501 when it asks to take a backup, and says what to do", async () => {
    for (const members of [{}, { name: "x" }, { name: "x", instance: "db-1", incremental: 0 }]) {
      assertFault(await ask("POST", "/backups", { body: JSON.stringify({ backup: members }) }), 501, "PUT")
    }
  })

  it("is 400 for anything else, naming the member", async () => {
    for (const [body, about] of [
      ["", "body"],
      ["null", ""],
      ["[]", ""],
      ["{}", "backup"],
      ['{"backup":null}', "backup"],
      ['{"backup":[]}', "backup"],
      [restore({ name: undefined }), "name"],
      [restore({ restore_from: null }), "restore_from"],
      [restore({}, { remote_location: undefined }), "remote_location"],
      [restore({}, { remote_location: "" }), "remote_location"],
      [restore({}, { local_datastore_version_id: null }), "local_datastore_version_id"],
      [restore({}, { size: -1 }), "size"],
      [restore({}, { size: "2" }), "size"],
      [
        restore({}, { size: 2.75 }).replace("2.75", "1e400"),
        "size must be a number of gigabytes from 0 to 8589934592."
      ],
      [restore({}, { size: undefined }), "size"],
      [restore({ instance: "db-1" }), "backup.instance must be null beside restore_from; "],
      [restore({ parent_id: "full" }), "backup.parent_id must be null beside restore_from; "],
      [restore({ incremental: 1 }), "backup.incremental must be 0, false or null beside restore_from; "],
      [restore({ swift_container: "c" }), "backup.swift_container must be null beside restore_from; "],
      [restore({ storage_driver: "cinder" }), "backup.storage_driver must be null beside restore_from; "],
      [restore({ colour: 1 }), "colour"],
      [restore({}, { more: 1 }), "more"]
    ] as const) {
      assertFault(await ask("POST", "/backups", { body }), 400, about)
    }
  })
})

describe("DELETE of a backup", () => {
  it("takes the increments along, is empty with 202, and 404 the second time", async () => {
    for (const [id, members] of [
      ["tree-1", {}],
      ["tree-2", { parent_id: "tree-1" }],
      ["tree-3", { parent_id: "tree-2" }],
      ["tree-4", { parent_id: "tree-1" }],
      ["tree-5", {}]
    ] as const) {
      await ask("PUT", `/backups/${id}`, { body: upsert(members) })
    }
    assert.sameMembers(await ids("/backups/tree-1/descendants"), ["tree-2", "tree-3", "tree-4"])
    assert.sameMembers(await ids("/backups/tree-1/descendants?limit=1000"), ["tree-2", "tree-3", "tree-4"])
    assert.deepStrictEqual(await ids("/backups/tree-5/descendants"), [])
    const [first] = await ids("/backups/tree-1/descendants?limit=1")
    assert.strictEqual((await ids(`/backups/tree-1/descendants?marker=${first}`)).length, 2)
    assertFault(await ask("GET", "/backups/nobody/descendants"), 404)
    const answer = await ask("DELETE", "/backups/tree-1")
    assert.strictEqual(answer.status, 202)
    assert.strictEqual(answer.text, "")
    const left = await ids()
    assert.include(left, "tree-5")
    for (const id of ["tree-1", "tree-2", "tree-3", "tree-4"]) assert.notInclude(left, id)
    assertFault(await ask("DELETE", "/backups/tree-1"), 404)
    await ask("DELETE", "/backups/tree-5")
  })

  it("is 422 while one of them is being made, and then all stay", async () => {
    await ask("PUT", "/backups/run-1", { body: upsert() })
    await ask("PUT", "/backups/run-2", { body: upsert({ parent_id: "run-1" }) })
    for (const status of ["NEW", "BUILDING", "SAVING"]) {
      await ask("PUT", "/backups/run-3", { body: upsert({ parent_id: "run-2", status }) })
      assertFault(await ask("DELETE", "/backups/run-1"), 422, "run-3, which is incremental to run-1,")
      assertFault(await ask("DELETE", "/backups/run-3"), 422)
    }
    assert.includeMembers(await ids(), ["run-1", "run-2", "run-3"])
    for (const status of ["FAILED", "DELETE_FAILED", "RESTORED"]) {
      await ask("PUT", "/backups/run-3", { body: upsert({ parent_id: "run-2", status }) })
      assert.strictEqual((await ask("DELETE", "/backups/run-3")).status, 202)
    }
    assert.strictEqual((await ask("DELETE", "/backups/run-1")).status, 202)
  })
})
