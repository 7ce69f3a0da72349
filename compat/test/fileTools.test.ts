import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import { type Backups, builtBackups } from "../support/backups.ts"
import { counts, type Owner, startToolCatalog, type ToolCatalog, utc } from "../support/Owner.ts"
import { succeed, systemEnv } from "../support/run.ts"

const cloud = inject("cloud")

const folder = join(cloud.folder, "tools")
const data = join(folder, "data")

let catalog: ToolCatalog
const program: Backups = (env, ...args) => builtBackups({ HOME: folder, ...env }, ...args)

beforeAll(async () => {
  await mkdir(data, { recursive: true })
  catalog = await startToolCatalog(cloud, "tools")
})
afterAll(() => catalog?.stop())

const change = (text: string) => writeFile(join(data, "orders.sql"), text)

/** The records without what the catalog made up, oldest first, with the names of their parents. */
const recordsOf = async (owner: Owner, ...args: ReadonlyArray<string>) => {
  const listed = await owner.list(...args)
  const names = new Map(listed.map(({ id, name }) => [id, name]))
  return listed
    .map(({ name, status, created, updated, size, instance_id, parent_id }) => ({
      ...{ name, status, created, updated, size, instance_id },
      parent: parent_id === null ? null : names.get(parent_id)
    }))
    .toReversed()
}

const isFresh = async (owner: Owner, instance: string): Promise<void> =>
  assert.match(await owner.succeeds("check"), new RegExp(`^${instance} +fresh `, "m"))

describe("backups import restic --exec", () => {
  const env = { RESTIC_REPOSITORY: join(folder, "restic"), RESTIC_PASSWORD: "secret", HOME: folder }
  const restic = (...args: ReadonlyArray<string>) => succeed("restic", args, { ...systemEnv, ...env })
  const importing = ["import", "restic", "--exec", "--source", "nas"]
  let owner: Owner

  interface Snapshot {
    readonly id: string
    readonly short_id: string
    readonly time: string
    readonly paths: ReadonlyArray<string>
  }
  const snapshots = async (): Promise<ReadonlyArray<Snapshot>> => JSON.parse(await restic("snapshots", "--json"))

  beforeAll(async () => {
    await restic("init", "--quiet")
    for (const text of ["one", "two"]) {
      await change(text)
      await restic("backup", "--quiet", "--host", "db-1", data)
    }
    owner = await catalog.newOwner(program, env)
  })

  it("lists each snapshot, as one that stands by itself", async () => {
    assert.strictEqual(await owner.succeeds(...importing), counts("nas", 2, 0, 0, 0))
    assert.deepStrictEqual(
      await recordsOf(owner),
      (await snapshots()).map(({ short_id, paths, time }) => ({
        name: [short_id, ...paths].join(" "),
        status: "COMPLETED",
        created: utc(Date.parse(time)),
        updated: utc(Date.parse(time)),
        size: null,
        instance_id: "db-1",
        parent: null
      }))
    )
    await isFresh(owner, "db-1")
  })

  it("retires what was forgotten, and refuses a repository that it cannot read", async () => {
    await restic("forget", "--quiet", String((await snapshots())[0]?.id))
    assert.strictEqual(await owner.succeeds(...importing), counts("nas", 0, 0, 1, 1))
    const { code, stdout, stderr } = await owner.backupsWith({ RESTIC_PASSWORD: "another" }, ...importing)
    assert.deepStrictEqual([code, stdout], [1, ""])
    assert.match(stderr, /wrong password or no key found/)
    assert.lengthOf(await owner.list(), 1)
  })
})

describe("backups import borg --exec", () => {
  const env = { BORG_REPO: join(folder, "borg"), HOME: folder }
  const borg = (...args: ReadonlyArray<string>) => succeed("borg", args, { ...systemEnv, ...env })
  const importing = ["import", "borg", "--exec", "--source", "attic"]
  let owner: Owner

  beforeAll(async () => {
    await borg("init", "--encryption=none")
    for (const name of ["monday", "tuesday"]) {
      await change(name)
      await borg("create", `::${name}`, data)
      // It tells whole seconds, and what began in one is in no order.
      await setTimeout(1000)
    }
    // In another zone than that of the catalog.
    owner = await catalog.newOwner(program, { ...env, TZ: "America/Caracas" })
  })

  it("lists each archive, with its times whatever the zone is, and its own size", async () => {
    assert.strictEqual(await owner.succeeds(...importing), counts("attic", 2, 0, 0, 0))
    const told = JSON.parse(
      await succeed("borg", ["info", "--json", "--last", "2"], { ...systemEnv, ...env, TZ: "UTC" })
    )
    assert.deepStrictEqual(
      await recordsOf(owner),
      told.archives.map(
        ({ name, start, end, hostname, stats }: Record<string, string> & { stats: { deduplicated_size: number } }) => ({
          name,
          status: "COMPLETED",
          created: String(start).slice(0, 19),
          updated: String(end).slice(0, 19),
          size: stats.deduplicated_size / 2 ** 30,
          instance_id: hostname,
          parent: null
        })
      )
    )
  })

  it("retires what was deleted", async () => {
    await borg("delete", "::monday")
    assert.match(await owner.succeeds(...importing), / 1 retired, 0 rejected\.\n$/)
    assert.deepStrictEqual(
      (await owner.list()).map(({ name }) => name),
      ["tuesday"]
    )
  })
})

describe("backups import redis", () => {
  const rdb = join(folder, "cache-1", "dump.rdb")
  const importing = ["import", "redis", folder, "--pattern", "{instance}/*.rdb", "--source", "caches"]
  let owner: Owner

  beforeAll(async () => {
    await mkdir(join(folder, "cache-1"))
    await writeFile(join(folder, "redis.conf"), `port 0\ndir ${join(folder, "cache-1")}\nunixsocket ../redis.sock\n`)
    const script = `redis-server redis.conf >redis.log &
      until redis-cli -s redis.sock ping; do kill -0 $!; sleep 0.1; done
      redis-cli -s redis.sock set orders 1000
      redis-cli -s redis.sock shutdown save
      wait`
    await succeed("sh", ["-ec", script], systemEnv, { cwd: folder })
    owner = await catalog.newOwner(program)
  })

  it("lists the file that a Redis wrote, with its version, and as FAILED once it is cut", async () => {
    assert.strictEqual(await owner.succeeds(...importing), counts("caches", 1, 0, 0, 0))
    const [record] = await owner.list()
    const version = /v=([\d.]+)/.exec(await succeed("redis-server", ["--version"]))?.[1]
    const { size } = await stat(rdb)
    assert.deepInclude(record, {
      name: "dump.rdb",
      status: "COMPLETED",
      instance_id: "cache-1",
      size: size / 2 ** 30,
      datastore: { type: "Redis", version: version ?? "", version_id: null }
    })
    await isFresh(owner, "cache-1")
    const whole = await readFile(rdb)
    await writeFile(rdb, whole.subarray(0, -3))
    assert.strictEqual((await owner.backups(...importing)).code, 0)
    assert.strictEqual((await owner.list())[0]?.status, "FAILED")
    await rm(rdb)
  })
})
