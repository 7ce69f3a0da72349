import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import { type Barman, startBarman } from "../support/Barman.ts"
import { type Backups, installBackups } from "../support/backups.ts"
import { type Home, homeOfPostgres } from "../support/Home.ts"
import { counts, type Owner, startToolCatalog, type ToolCatalog, utc } from "../support/Owner.ts"

const cloud = inject("cloud")

let home: Home
let barman: Barman
let catalog: ToolCatalog
let program: Backups
let owner: Owner

beforeAll(async () => {
  home = await homeOfPostgres()
  barman = await startBarman(home)
  for (const _ of ["full", "another"]) await barman.run("backup", "--wait", barman.server)
  catalog = await startToolCatalog(cloud, "barman")
  program = await installBackups(home)
  owner = await catalog.newOwner(program)
})
afterAll(async () => {
  await catalog?.stop()
  await barman?.stop()
  await home?.remove()
})

/** What `barman diagnose` tells of a backup, as far as tests look at it. */
interface Known {
  readonly backup_id: string
  readonly status: string
  readonly begin_time: string
  readonly end_time: string
  readonly deduplicated_size: number
}

const known = async (): Promise<ReadonlyArray<Known>> => {
  const { servers } = JSON.parse(await barman.run("diagnose"))
  return Object.values(servers[barman.server].backups as Record<string, Known>)
}

const importing = () => {
  const command = ["--", "barman", "-c", barman.configFile, "diagnose"]
  return ["import", "barman", "--exec", "--source", "pg", ...command]
}

describe("backups import barman --exec", () => {
  it("lists what barman has, with its times and its own sizes, and finds that the server has a recent backup", async () => {
    assert.strictEqual(await owner.succeeds(...importing()), counts("pg", 2, 0, 0, 0))
    const of = (time: string) => utc(Date.parse(time))
    assert.deepStrictEqual(
      (await owner.list()).map(({ name, status, created, updated, size, instance_id }) => {
        return { name, status, created, updated, size, instance_id }
      }),
      (await known())
        .map(({ backup_id, begin_time, end_time, deduplicated_size }) => ({
          name: backup_id,
          status: "COMPLETED",
          created: of(begin_time),
          updated: of(end_time),
          size: deduplicated_size / 2 ** 30,
          instance_id: barman.server
        }))
        .toSorted((a, b) => (a.created < b.created ? 1 : -1))
    )
    assert.match(await owner.succeeds("check"), new RegExp(`^${barman.server} +fresh `, "m"))
  })

  it("knows the same backups again by list-backups and show-backup", async () => {
    const ids = async () => (await owner.list()).map(({ id, status }) => [id, status])
    const before = await ids()
    for (const asking of [
      ["list-backups", "all"],
      ["show-backup", barman.server, "latest"]
    ]) {
      const command = ["--", "barman", "-c", barman.configFile, "-f", "json", ...asking]
      const { code, stdout, stderr } = await owner.backups(
        "import",
        "barman",
        "--exec",
        "--source",
        "pg",
        "--merge",
        ...command
      )
      assert.strictEqual(code, 0, stderr)
      assert.match(stdout, /^pg: 0 new, \d changed, \d unchanged, 0 retired, 0 rejected\.$/m)
      assert.deepStrictEqual(await ids(), before)
    }
  })

  it("retires what barman deleted", async () => {
    await owner.succeeds(...importing())
    await barman.run("delete", barman.server, "oldest")
    assert.strictEqual(await owner.succeeds(...importing()), counts("pg", 0, 0, 1, 1))
  })
})
