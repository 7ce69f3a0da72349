import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { parse as parseYaml } from "yaml"
import { backups, type Env, inTerminal } from "./support/backups.ts"
import { parseCsv } from "./support/csv.ts"
import { importRecords } from "./support/importRecords.ts"
import { type CatalogServer, record, startCatalog, withServer } from "./support/servers.ts"

let catalog: CatalogServer
let env: Env

const kept = record({
  id: "kept",
  status: "SAVING",
  native_id: "20261123-020000F_I",
  native_parent_id: "20261123-020000F",
  suspect: "its checksum differs"
})

beforeAll(async () => {
  catalog = await startCatalog()
  env = await catalog.account("past", [record({ id: "by-hand" })])
  await importRecords(env, "pg-main", [kept, record({ id: "gone" })])
  await importRecords(env, "pg-main", [{ ...kept, status: "COMPLETED" }])
})
afterAll(() => catalog.stop())

const out = async (...args: ReadonlyArray<string>): Promise<string> => {
  const { code, stdout, stderr } = await backups(args, env)
  assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" }, args.join(" "))
  return stdout
}

describe("backups show", { concurrent: true }, () => {
  it("says where a backup comes from, and says nothing of it where it comes from nowhere", async () => {
    const shown = await out("show", "kept")
    for (const line of [
      /^source +pg-main$/m,
      /^native_id +20261123-020000F_I$/m,
      /^native_parent_id +20261123-020000F$/m,
      /^suspect +its checksum differs$/m
    ]) {
      assert.match(shown, line)
    }
    assert.notInclude(await out("show", "by-hand"), "source")
    assert.strictEqual(
      await out("show", "kept", "-o", "value", "-c", "source,native_id"),
      "pg-main\t20261123-020000F_I\n"
    )
    // The record is what the API has, and no more.
    assert.notProperty(JSON.parse(await out("show", "kept", "-o", "json")), "origins")
  })

  it("--history says what happened to it, newest first", async () => {
    const shown = await out("show", "kept", "--history")
    assert.match(
      shown,
      /^AT +EVENT +SOURCE +CHANGES\n\S+Z +changed +pg-main +status SAVING → COMPLETED\n\S+Z +appeared +pg-main +-\n$/m
    )
    for (const [form, parse] of [
      ["json", (text: string) => JSON.parse(text)],
      ["ndjson", (text: string) => JSON.parse(text)],
      ["yaml", (text: string) => parseYaml(text)]
    ] as const) {
      const { history, origins, id } = parse(await out("show", "kept", "--history", "-o", form))
      assert.strictEqual(id, "kept")
      assert.deepStrictEqual(
        history.map(({ event, changes }: Record<string, unknown>) => [event, changes]),
        [
          ["changed", { status: { from: "SAVING", to: "COMPLETED" } }],
          ["appeared", {}]
        ]
      )
      assert.deepInclude(origins[0], { source: "pg-main", native_id: "20261123-020000F_I" })
    }
    const [header, newest] = parseCsv(await out("show", "kept", "--history", "-o", "csv"))
    assert.deepStrictEqual(header, ["at", "event", "source", "import_id", "changes"])
    assert.deepStrictEqual(newest?.slice(1, 3), ["changed", "pg-main"])
  })

  it("--history of a backup that is gone is what is left of it, with exit code 4", async () => {
    const { code, stdout, stderr } = await backups(["show", "gone", "--history"], env)
    assert.strictEqual(code, 4)
    assert.match(stdout, /retired +pg-main/)
    assert.include(stderr, "gone")
    assert.deepInclude(await backups(["show", "nothing", "--history"], env), { code: 4, stdout: "" })
  })

  it("--history does not go with columns, and fits 60 of them", async () => {
    assert.strictEqual((await backups(["show", "kept", "--history", "-c", "id"], env)).code, 2)
    const { stdout } = await inTerminal(60, ["show", "kept", "--history"], env)
    assert.match(stdout, /changed +pg-main/)
  })

  it("--history goes through all pages, and fails where these go round in circles", async () => {
    const page = (at: string, next: string | undefined) => ({
      origins: [],
      history: [{ event: "changed", at, import: null, changes: {} }],
      links: next === undefined ? [] : [{ rel: "next", href: `/v1.0/1234/backups/b/history?marker=${next}` }]
    })
    const walk = (last: string | undefined) =>
      withServer(
        ({ url = "" }, response) => {
          response.setHeader("Content-Type", "application/json")
          const body = url.includes("/history")
            ? url.includes("marker=m1")
              ? page("2026-11-22T01:00:00", "m2")
              : url.includes("marker=m2")
                ? page("2026-11-21T01:00:00", last)
                : page("2026-11-23T01:00:00", "m1")
            : { backup: record({ id: "b" }) }
          response.end(JSON.stringify(body))
        },
        (other) => backups(["show", "b", "--history", "-o", "csv"], other)
      )
    const whole = await walk(undefined)
    assert.deepInclude(whole, { code: 0, stderr: "" })
    assert.strictEqual(whole.stdout.match(/changed/g)?.length, 3)
    const endless = await walk("m1")
    assert.deepInclude(endless, { code: 1, stdout: "" })
    assert.include(endless.stderr, "lead in a circle")
  })

  it("is as before where the catalog keeps no history", async () => {
    for (const status of [404, 405, 501] as const) {
      const names = { 404: "itemNotFound", 405: "badMethod", 501: "notImplemented" } as const
      await withServer(
        ({ url = "" }, response) => {
          const past = url.includes("/history")
          response.writeHead(past ? status : 200, { "Content-Type": "application/json" })
          const fault = { [names[status]]: { code: status, message: "Not here." } }
          response.end(JSON.stringify(past ? fault : { backup: record({ id: "b" }) }))
        },
        async (other) => {
          assert.deepInclude(await backups(["show", "b"], other), { code: 0, stderr: "" })
          const { code, stdout, stderr } = await backups(["show", "b", "--history"], other)
          assert.strictEqual(code, 0)
          assert.match(stdout, /^id +b$/m)
          assert.include(stderr, "does not tell")
        }
      )
    }
  })
})

describe("backups list --include retired", { concurrent: true }, () => {
  it("also has what its source no longer has, and marks it, in every form", async () => {
    const list = ["list", "--include", "retired"]
    const table = await out(...list)
    assert.match(table, /RETIRED_AT/)
    assert.match(table, /\d{4}-\d{2}-\d{2}T[\d:]{8}Z .*gone$/m)
    const records = JSON.parse(await out(...list, "-o", "json"))
    assert.deepStrictEqual(
      records.map(({ id, retired_at }: Record<string, unknown>) => [id, typeof retired_at]),
      [
        ["kept", "undefined"],
        ["gone", "string"],
        ["by-hand", "undefined"]
      ]
    )
    assert.strictEqual(parseCsv(await out(...list, "-o", "csv"))[0]?.at(-1), "retired_at")
    assert.notInclude(await out("list"), "gone")
    assert.notInclude(await out("list"), "RETIRED_AT")
  })

  it("is refused with another word, and for all accounts at once", async () => {
    assert.strictEqual((await backups(["list", "--include", "deleted"], env)).code, 2)
    const { code, stderr } = await backups(["list", "--include", "retired", "--all-projects"], env)
    assert.strictEqual(code, 2)
    assert.include(stderr, "--all-projects")
  })
})
