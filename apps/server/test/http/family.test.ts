import { BackupsApi, ListAnswer } from "@backup-catalog/core/http"
import { Schema } from "effect"
import { assert, beforeEach, describe, it } from "vitest"
import { assertFault, familyServer, upsert } from "./familyServer.ts"

const { ask, ids, putRecord, address } = familyServer()

describe("the instances", () => {
  beforeEach(async () => {
    for (const instance of ["inst-a", "inst-b", "inst c/ä"]) {
      await ask("PUT", `/backups/${encodeURIComponent(`of ${instance}`)}`, {
        body: upsert({ instance_id: instance, datastore: { type: "Redis", version: "7", version_id: null } })
      })
    }
  })

  it("are those that there are backups of", async () => {
    const { json } = await ask("GET", "/instances?limit=1000")
    const own = json.instances.filter(({ id }: { id: string }) => id.startsWith("inst"))
    const datastore = { type: "Redis", version: "7", version_id: null }
    assert.deepStrictEqual(
      own,
      ["inst c/ä", "inst-a", "inst-b"].map((id) => ({ id, name: id, datastore }))
    )
    assert.deepStrictEqual((await ask("GET", "/instances/inst-a")).json, {
      instance: { id: "inst-a", name: "inst-a", datastore }
    })
    for (const search of ["include_clustered=False", "include_clustered=True&include_replicas=False&include_ha=0"]) {
      assert.deepStrictEqual((await ask("GET", `/instances?limit=1000&${search}`)).json, json)
    }
    assertFault(await ask("GET", "/instances/nobody"), 404)
    assertFault(await ask("GET", "/instances/their-db"), 404)
    assertFault(await ask("GET", "/instances?include_clustered=maybe"), 400, "include_clustered")
    assertFault(await ask("GET", "/instances?limit=1001"), 413, "1000")
  })

  it("come page by page", async () => {
    const whole = (await ask("GET", "/instances")).json.instances
    const walked = []
    let path = "/instances?limit=1"
    while (path !== "") {
      const { json } = await ask("GET", path)
      walked.push(...json.instances)
      const next = json.links?.[0].href ?? ""
      assert.isTrue(next === "" || next.startsWith(`${address()}/v1.0/1234/instances?limit=1&marker=i1.`), next)
      path = next.replace(`${address()}/v1.0/1234`, "")
    }
    assert.deepStrictEqual(walked, whole)
    const [first] = whole
    assert.strictEqual((await ask("GET", `/instances?marker=${first.id}`)).json.instances.length, whole.length - 1)
    for (const marker of ["zzz-typo", "p1.1403193354000000.ZTJk", "i1.@@", "i1.", "..", "%00"]) {
      assertFault(await ask("GET", `/instances?marker=${marker}`), 400, "marker")
    }
  })

  it("have the list of their backups, with the same filters and pages, and 404 where there are none", async () => {
    const path = `/instances/${encodeURIComponent("inst c/ä")}/backups`
    assert.deepStrictEqual(await ids(path), ["of inst c/ä"])
    assert.deepStrictEqual(await ids(`${path}?status=FAILED`), [])
    assert.strictEqual((await ask("GET", `${path}?datastore=redis`)).status, 200)
    assertFault(await ask("GET", `${path}?instance_id=x`), 400, "instance_id")
    assertFault(await ask("GET", `${path}?all_projects=true`), 400, "all_projects")
    assertFault(await ask("GET", "/instances/nobody/backups"), 404)
    assertFault(await ask("GET", "/instances/nobody/backups?limit=0"), 400)
    await ask("PUT", "/backups/second", { body: upsert({ instance_id: "inst-a" }) })
    const { json } = await ask("GET", "/instances/inst-a/backups?limit=1")
    const next = json.links[0].href
    assert.include(next, `${address()}/v1.0/1234/instances/inst-a/backups?limit=1&marker=p1.`)
    const { json: last } = await ask("GET", next.replace(`${address()}/v1.0/1234`, ""))
    assert.strictEqual(last.backups.length, 1)
    assert.isUndefined(last.links)
  })
})

describe("lists of other accounts", () => {
  it("are for admins, with project_id in each record", async () => {
    for (const query of ["all_projects=true", "all_projects=True", "all_projects=1"]) {
      const { json } = await ask("GET", `/backups?${query}`, { token: "admin" })
      const decoded = Schema.decodeUnknownSync(ListAnswer)(json)
      assert.sameMembers([...new Set(decoded.backups.map(({ projectId }) => projectId))], ["1234", "99"])
      for (const token of ["member", "reader"]) {
        assertFault(await ask("GET", `/backups?${query}`, { token }), 403, "admin")
        assertFault(await ask("GET", `/backups?bad=1&${query}`, { token }), 403)
      }
    }
    const { json } = await ask("GET", "/backups?project_id=99", { token: "admin" })
    assert.deepStrictEqual(
      json.backups.map(({ id, project_id }: { id: string; project_id: string }) => [id, project_id]),
      [["full", "99"]]
    )
    assert.strictEqual(
      (await ask("GET", "/backups?project_id=99&all_projects=true", { token: "admin" })).json.backups.length,
      1
    )
    assert.deepStrictEqual((await ask("GET", "/backups?project_id=nobody", { token: "admin" })).json.backups, [])
    for (const query of ["project_id=99", "project_id=1234", "%70roject_id=99", "all_%70rojects=true"]) {
      assertFault(await ask("GET", `/backups?${query}`), 403)
    }
    assertFault(await ask("GET", "/backups?all_projects=maybe", { token: "admin" }), 400, "all_projects")
    assertFault(await ask("GET", "/backups?project_id=", { token: "admin" }), 400, "project_id")
    const own = await ask("GET", "/backups?all_projects=false")
    assert.strictEqual(own.status, 200)
    assert.notInclude(own.text, "project_id")
  })

  it("are all that an admin sees of other accounts: who wants one of their backups is told how to get it", async () => {
    // Whose 404s go through ofOtherAccount in BackupsHandlers.ts.
    const ofOne = Object.values(BackupsApi.endpoints).filter(
      ({ name, path }) => path.includes(":backupId") && name !== "upsert"
    )
    assert.isAtLeast(ofOne.length, 3)
    for (const { method, path: template } of ofOne) {
      const path = template.replace("/v1.0/:accountId", "").replace(":backupId", "full")
      assertFault(await ask(method, path, { token: "admin" }), 404, "with a token of that account.")
      assertFault(await ask(method, path), 404, "has no backup with the id full.")
    }
    const { json } = await ask("GET", "/backups?project_id=99", { token: "admin" })
    assert.deepStrictEqual(
      json.backups.map(({ id }: { id: string }) => id),
      ["full"]
    )
  })

  it("come page by page, also from the id of a backup that only one account has", async () => {
    const whole = (await ask("GET", "/backups?all_projects=true", { token: "admin" })).json.backups
    const walked = []
    let path = "/backups?all_projects=true&limit=1"
    while (path !== "") {
      const { json } = await ask("GET", path, { token: "admin" })
      walked.push(...json.backups)
      path = json.links?.[0].href.replace(`${address()}/v1.0/1234`, "") ?? ""
    }
    assert.deepStrictEqual(walked, whole)
    assert.strictEqual((await ask("GET", "/backups?all_projects=true&marker=full", { token: "admin" })).status, 200)
    await ask("PUT", "/backups/full", { body: upsert() })
    assertFault(await ask("GET", "/backups?all_projects=true&marker=full", { token: "admin" }), 400, "several")
    assertFault(await ask("GET", "/backups?all_projects=true&marker=nobody", { token: "admin" }), 400, "marker")
    await ask("DELETE", "/backups/full")
    assertFault(await ask("GET", "/backups?all_projects=true&datastore=mysqll", { token: "admin" }), 404, "mysqll")
  })
})

describe("who may what", () => {
  it("is as the policy says: a reader reads, a member also writes, and nobody acts for another account", async () => {
    for (const [method, path, body] of [
      ["PUT", "/backups/x", upsert()],
      ["POST", "/backups", "{}"],
      ["DELETE", "/backups/x", undefined]
    ] as const) {
      assertFault(await ask(method, path, { token: "reader", ...(body && { body }) }), 403, "role")
      assertFault(await ask(method, path, { token: "other", ...(body && { body }) }), 403)
      assertFault(await ask(method, path, { token: "nobody", ...(body && { body }) }), 401)
    }
    for (const path of [
      "/backups",
      "/backups/x",
      "/backups/x/descendants",
      "/instances",
      "/instances/x",
      "/instances/x/backups",
      "/limits"
    ]) {
      assert.include([200, 404], (await ask("GET", path, { token: "reader" })).status)
      assertFault(await ask("GET", path, { token: "other" }), 403)
      assertFault(await ask("GET", path, { token: "admin", account: "99" }), 403)
    }
  })
})

describe("what Trove has and the catalog does not", () => {
  it("is 501 after the token was looked at, and what nobody has is 404 or 405", async () => {
    for (const [method, path] of [
      ["GET", "/flavors"],
      ["GET", "/flavors/1"],
      ["POST", "/instances"],
      ["DELETE", "/instances/x"],
      ["POST", "/instances/x/action"],
      ["GET", "/instances/x/users"],
      ["GET", "/instances/x/databases/y"],
      ["GET", "/datastores"],
      ["GET", "/datastores/mysql/versions"],
      ["GET", "/mgmt/instances/x/root"],
      ["POST", "/clusters"],
      ["GET", "/backup_strategies"],
      ["GET", "/instances/detail"],
      ["GET", "/configurations"],
      ["GET", "/security-groups"]
    ] as const) {
      assertFault(await ask(method, path), 501)
      assertFault(await ask(method, path, { token: "nobody" }), 401)
      assertFault(await ask(method, path, { token: "other" }), 403)
    }
    assertFault(await ask("GET", "/nothing"), 404)
    assertFault(await ask("GET", "/flavors/"), 404)
    assertFault(await ask("PROPFIND", "/instances"), 405)
  })
})

describe("entity tags", () => {
  it("of a list hold until the account changes, and are of one question only", async () => {
    await putRecord("tagged", {})
    for (const path of ["/backups", "/backups?limit=1", "/instances/db-1/backups"]) {
      const { headers, text } = await ask("GET", path)
      const tag = headers.get("etag") ?? ""
      assert.match(tag, /^"[\x21-\x7e]+"$/)
      for (const value of [tag, `W/${tag}`, `"other", ${tag}`, `, "other" , ,\t,${tag},`, "*"]) {
        const answer = await ask("GET", path, { headers: { "If-None-Match": value } })
        assert.strictEqual(answer.status, 304, value)
        assert.strictEqual(answer.headers.get("etag"), tag)
        assert.strictEqual(answer.text, "")
      }
      for (const value of ['"other"', "nonsense", tag.slice(1), "", ", ,"]) {
        const answer = await ask("GET", path, { headers: { "If-None-Match": value } })
        assert.strictEqual(answer.status, 200, value)
        assert.strictEqual(answer.text, text)
      }
      for (const other of ["/backups?limit=2", "/backups?datastore=mysql", "/backups?status=FAILED"]) {
        assert.strictEqual((await ask("GET", other, { headers: { "If-None-Match": tag } })).status, 200)
      }
      assertFault(await ask("GET", "/backups?datastore=mysqll", { headers: { "If-None-Match": tag } }), 404)
      assertFault(await ask("GET", path, { token: "nobody", headers: { "If-None-Match": tag } }), 401)
      await putRecord("tagged", { name: `changed for ${path}` })
      const after = await ask("GET", path, { headers: { "If-None-Match": tag } })
      assert.strictEqual(after.status, 200)
      assert.notStrictEqual(after.headers.get("etag"), tag)
    }
  })

  it("of a record hold while it is as it was, also when others change", async () => {
    await putRecord("shown", {})
    const tag = (await ask("GET", "/backups/shown")).headers.get("etag") ?? ""
    assert.strictEqual((await ask("GET", "/backups/shown", { headers: { "If-None-Match": tag } })).status, 304)
    await putRecord("tagged", { name: "changed once more" })
    assert.strictEqual((await ask("GET", "/backups/shown", { headers: { "If-None-Match": tag } })).status, 304)
    assertFault(await ask("GET", "/backups/nobody", { headers: { "If-None-Match": tag } }), 404)
    await putRecord("shown", { name: "changed" })
    assert.strictEqual((await ask("GET", "/backups/shown", { headers: { "If-None-Match": tag } })).status, 200)
    const now = (await ask("GET", "/backups/shown")).headers.get("etag") ?? ""
    await ask("DELETE", "/backups/shown")
    assertFault(await ask("GET", "/backups/shown", { headers: { "If-None-Match": now } }), 404)
  })
})
