import { mkdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import { type Backups, installBackups } from "../support/backups.ts"
import { type Home, homeOfPostgres } from "../support/Home.ts"
import { type MariaDB, startMariaDB } from "../support/MariaDB.ts"
import { counts, type Owner, startToolCatalog, type ToolCatalog, utc } from "../support/Owner.ts"
import { type PostgreSQL, startPostgreSQL } from "../support/PostgreSQL.ts"
import { succeed, systemEnv } from "../support/run.ts"

const cloud = inject("cloud")

let home: Home
let catalog: ToolCatalog
let program: Backups
let postgres: PostgreSQL
let mariadb: MariaDB
let begun: string

/** Runs a tool as the owner of the home. */
const tool = (name: string, ...args: ReadonlyArray<string>) =>
  succeed(name, args, { ...systemEnv, TZ: "UTC" }, home.runner)

beforeAll(async () => {
  home = await homeOfPostgres()
  catalog = await startToolCatalog(cloud, "databases")
  program = await installBackups(home)
  postgres = await startPostgreSQL(home, "true")
  await postgres.query("CREATE DATABASE shop")
  mariadb = await startMariaDB(home)
  await mariadb.query("CREATE DATABASE shop")
  await mariadb.query("CREATE TABLE shop.orders (n INT PRIMARY KEY, t TEXT)")
  await mariadb.query("INSERT INTO shop.orders VALUES (1, 'one'), (2, 'two')")
  begun = utc(Date.now())
})
afterAll(async () => {
  await catalog?.stop()
  await mariadb?.stop()
  await postgres?.stop()
  await home?.remove()
})

const emptyFolder = async (name: string): Promise<string> => {
  const folder = join(home.folder, name)
  await mkdir(folder)
  await home.give(folder)
  return folder
}

const isBetween = (from: string, time: string) => from <= time && time <= utc(Date.now())

describe("backups import dumps", () => {
  let folder: string
  let owner: Owner
  const importing = () => {
    const where = ["--pattern", "{instance}/*", "--time-zone", "UTC"]
    return ["import", "dumps", folder, "--source", "dumps", ...where]
  }

  beforeAll(async () => {
    folder = await emptyFolder("dumps")
    for (const instance of ["pg-1", "maria-1"]) await mkdir(join(folder, instance))
    await home.give(folder)
    const inPostgres = ["--host", home.folder, "--username", "postgres"]
    const pg = (name: string, to: string, ...args: ReadonlyArray<string>) =>
      tool(name, ...inPostgres, ...args, `--file=${join(folder, "pg-1", to)}`)
    await pg("pg_dump", "custom.dump", "--format=custom", "shop")
    await pg("pg_dump", "directory", "--format=directory", "shop")
    await pg("pg_dump", "shop.tar", "--format=tar", "shop")
    await pg("pg_dump", "plain.sql", "--verbose", "shop")
    await pg("pg_dumpall", "all.sql", "--verbose")
    const maria = (to: string) => join(folder, "maria-1", to)
    const mysqldump = ["--no-defaults", ...mariadb.options, `--result-file=${maria("shop.sql")}`, "shop"]
    await tool("mysqldump", ...mysqldump)
    await tool("mydumper", ...mariadb.options, "--database", "shop", "--outputdir", maria("mydumper"))
    owner = await catalog.newOwner(program, { TZ: "UTC" })
  })

  it("lists what each tool wrote, once, complete, and of the server that it is of", async () => {
    assert.strictEqual(await owner.succeeds(...importing()), counts("dumps", 7, 0, 0, 0))
    const listed = await owner.list()
    const version = async (statement: string, ask: PostgreSQL["query"]) =>
      /^[\d.]*/.exec(await ask(statement))?.[0] ?? ""
    const ofPostgres = ["PostgreSQL", await version("SHOW server_version", postgres.query)]
    const ofMariaDB = ["MariaDB", await version("SELECT version()", mariadb.query)]
    assert.deepStrictEqual(
      listed
        .map(({ name, instance_id, status, datastore }) => [
          [instance_id, name].join("/"),
          status,
          ...(datastore === undefined ? [] : [datastore.type, datastore.version])
        ])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      [
        // The folders of mydumper 0.10 do not tell the server's version.
        ["maria-1/mydumper", "COMPLETED"],
        ["maria-1/shop.sql", "COMPLETED", ...ofMariaDB],
        ["pg-1/all.sql", "COMPLETED", ...ofPostgres],
        ["pg-1/custom.dump", "COMPLETED", ...ofPostgres],
        ["pg-1/directory", "COMPLETED", ...ofPostgres],
        ["pg-1/plain.sql", "COMPLETED", ...ofPostgres],
        ["pg-1/shop.tar", "COMPLETED", ...ofPostgres]
      ]
    )
    for (const { name, created, updated } of listed) {
      assert.isTrue(isBetween(begun, created) && isBetween(created, updated), `${name}: ${created} ${updated}`)
    }
    assert.strictEqual(
      listed.find(({ name }) => name === "custom.dump")?.size,
      (await stat(join(folder, "pg-1", "custom.dump"))).size / 2 ** 30
    )
  })

  it("lists as FAILED what was cut off", async () => {
    for (const name of ["pg-1/custom.dump", "pg-1/plain.sql", "pg-1/shop.tar", "maria-1/shop.sql"]) {
      await tool("truncate", "--size=-100", join(folder, name))
    }
    assert.strictEqual((await owner.backups(...importing())).code, 0)
    assert.deepStrictEqual((await owner.list("--status", "failed")).map(({ name }) => name).toSorted(), [
      "custom.dump",
      "plain.sql",
      "shop.sql",
      "shop.tar"
    ])
  })
})

describe("backups import mariabackup", () => {
  let folder: string
  let owner: Owner
  const importing = () => ["import", "mariabackup", folder, "--source", "physical", "--time-zone", "UTC"]

  beforeAll(async () => {
    folder = await emptyFolder("physical")
    await mkdir(join(folder, "maria-1"))
    await home.give(folder)
    const backup = (name: string, ...args: ReadonlyArray<string>) => {
      const target = `--target-dir=${join(folder, "maria-1", name)}`
      return tool("mariabackup", "--no-defaults", "--backup", ...mariadb.options, target, ...args)
    }
    await backup("full")
    // Its times are whole seconds, and what began in one is in no order.
    await setTimeout(1000)
    await mariadb.query("INSERT INTO shop.orders VALUES (3, 'three')")
    await backup("increment", `--incremental-basedir=${join(folder, "maria-1", "full")}`)
    owner = await catalog.newOwner(program, { TZ: "UTC" })
  })

  it("lists a full backup and its increment, which is of no use without it", async () => {
    assert.strictEqual(await owner.succeeds(...importing()), counts("physical", 2, 0, 0, 0))
    const [increment, full] = await owner.list()
    assert.deepStrictEqual(
      [increment, full].map((one) => [one?.name, one?.status, one?.instance_id, one?.parent_id]),
      [
        ["increment", "COMPLETED", "maria-1", full?.id],
        ["full", "COMPLETED", "maria-1", null]
      ]
    )
    assert.isTrue(isBetween(begun, String(full?.created)), full?.created)
    assert.match(await owner.succeeds("check"), /^maria-1 +fresh /m)
    await tool("rm", "-r", join(folder, "maria-1", "full"))
    assert.strictEqual((await owner.backups(...importing())).code, 0)
    const { code, stdout } = await owner.backups("check")
    assert.strictEqual(code, 1)
    assert.match(stdout, /^maria-1 +broken-chain /m)
  })
})
