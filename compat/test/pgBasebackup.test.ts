import { cp, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import { type BaseBackups, startBaseBackups } from "../support/BaseBackups.ts"
import { type Backups, installBackups } from "../support/backups.ts"
import { type Home, homeOfPostgres } from "../support/Home.ts"
import { counts, type Owner, startToolCatalog, type ToolCatalog, utc } from "../support/Owner.ts"
import { succeed } from "../support/run.ts"

const cloud = inject("cloud")

let home: Home
let postgres: BaseBackups
let catalog: ToolCatalog
let program: Backups
let made: string
let instance: string

const moments: Record<string, { readonly before: string; readonly after: string }> = {}

const makeBackup = async (name: string, parent?: string): Promise<void> => {
  const before = utc(Date.now())
  await postgres.backup(join(made, name), parent && join(made, parent))
  moments[name] = { before, after: utc(Date.now()) }
  // A label has whole seconds, and what began in one is in no order.
  await setTimeout(1000)
}

beforeAll(async () => {
  home = await homeOfPostgres()
  made = await mkdtemp(join(home.folder, "made-"))
  postgres = await startBaseBackups()
  instance = String(await postgres.query("SELECT system_identifier::text FROM pg_control_system()"))
  await makeBackup("sunday")
  await postgres.query("CREATE TABLE orders AS SELECT n, md5(n::text) FROM generate_series(1, 10000) AS n")
  await makeBackup("monday", "sunday")
  await postgres.query("INSERT INTO orders SELECT n, md5(n::text) FROM generate_series(1, 10000) AS n")
  await makeBackup("tuesday", "monday")
  catalog = await startToolCatalog(cloud, "base")
  program = await installBackups(home)
})
afterAll(async () => {
  await catalog?.stop()
  await postgres?.stop()
  await home?.remove()
})

/** A backup as it was written, or unpacked as pg_combinebackup wants it. */
const forms: Record<string, (from: string, to: string) => Promise<unknown>> = {
  "tar files": (from, to) => cp(from, to, { recursive: true }),
  "folders of plain files": async (from, to) => {
    await mkdir(to, { recursive: true })
    await succeed("tar", ["xf", join(from, "base.tar"), "-C", to])
    await cp(join(from, "backup_manifest"), join(to, "backup_manifest"))
  }
}

const sizeOf = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = await Promise.all(
    entries.filter((one) => one.isFile()).map(async (one) => (await stat(join(one.parentPath, one.name))).size)
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

describe.each(Object.keys(forms))("base backups of PostgreSQL 18 as %s", (form) => {
  let folder: string
  let owner: Owner
  const importing = () => ["import", "dumps", folder, "--source", "base"]

  beforeAll(async () => {
    folder = await mkdtemp(join(home.folder, "base-"))
    for (const name of Object.keys(moments)) await forms[form]?.(join(made, name), join(folder, name))
    await home.give(folder)
    owner = await catalog.newOwner(program)
  })

  it("are listed with when they were made, their sizes, and what each builds on", async () => {
    assert.strictEqual(await owner.succeeds(...importing()), counts("base", 3, 0, 0, 0))
    const listed = await owner.list()
    const names = new Map(listed.map(({ id, name }) => [id, name]))
    assert.deepStrictEqual(
      listed.map(({ name, parent_id }) => [name, parent_id === null ? null : names.get(parent_id)]),
      [
        ["tuesday", "monday"],
        ["monday", "sunday"],
        ["sunday", null]
      ]
    )
    for (const { name, status, created, size, instance_id, datastore } of listed) {
      const { before, after } = moments[name] ?? assert.fail(name)
      assert.isTrue(created >= before && created <= after, `${name}: ${created}`)
      assert.deepStrictEqual(
        [status, instance_id, datastore, size],
        [
          "COMPLETED",
          instance,
          { type: "PostgreSQL", version: "18", version_id: null },
          (await sizeOf(join(folder, name))) / 2 ** 30
        ]
      )
    }
    assert.match(await owner.succeeds("check"), new RegExp(`^${instance} +fresh `, "m"))
  })

  it("are of no use without those that they build on", async () => {
    await rm(join(folder, "monday"), { recursive: true })
    assert.strictEqual((await owner.backups(...importing())).code, 0)
    const [tuesday, ...others] = await owner.list()
    assert.deepStrictEqual([tuesday?.name, others.map(({ name }) => name)], ["tuesday", ["sunday"]])
    await rm(join(folder, "sunday"), { recursive: true })
    assert.strictEqual((await owner.backups(...importing())).code, 0)
    const { code, stdout } = await owner.backups("check")
    assert.strictEqual(code, 1)
    assert.match(stdout, new RegExp(`^${instance} +broken-chain .*tuesday`, "m"))
  })
})
