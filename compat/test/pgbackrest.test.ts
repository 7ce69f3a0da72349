import { existsSync } from "node:fs"
import { open } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, inject, it, onTestFinished } from "vitest"
import { ask } from "../support/ask.ts"
import { type Backups, installBackups } from "../support/backups.ts"
import { type Home, homeOfPostgres, writeIn } from "../support/Home.ts"
import { counts, type Listed, type Owner, startToolCatalog, type ToolCatalog, utc } from "../support/Owner.ts"
import { type KnownBackup, type PgBackRest, startPgBackRest } from "../support/PgBackRest.ts"
import type { PostgreSQL } from "../support/PostgreSQL.ts"
import type { Ended } from "../support/run.ts"

const cloud = inject("cloud")

const SOURCE = "pg-main"
const PAGE_BYTES = 8192
const importing = ["import", "pgbackrest", "--exec", "--source", SOURCE]

let home: Home
let pgbackrest: PgBackRest
let full: KnownBackup
let increment: KnownBackup
let catalog: ToolCatalog
let program: Backups

beforeAll(async () => {
  home = await homeOfPostgres()
  pgbackrest = await startPgBackRest(home)
  full = await pgbackrest.backup("full")
  await pgbackrest.postgres.query("CREATE TABLE orders AS SELECT n, md5(n::text) FROM generate_series(1, 50000) AS n")
  increment = await pgbackrest.backup("incr")
  catalog = await startToolCatalog(cloud, "pgbackrest")
  program = await installBackups(home)
})
afterAll(async () => {
  await catalog?.stop()
  await pgbackrest?.postgres.stop()
  await home?.remove()
})

const newOwner = (): Promise<Owner> => catalog.newOwner(program, { PGBACKREST_CONFIG: pgbackrest.configFile })

const imported = async ({ backups }: Owner, expected: string): Promise<void> =>
  assert.deepStrictEqual(await backups(...importing), { code: 0, stdout: expected, stderr: "" })

const namesOf = (records: ReadonlyArray<Listed>) => records.map(({ name }) => name)

/** A configuration of a repository that nothing was ever put into. */
const withoutStanza = () =>
  writeIn(home, "empty.conf", `[global]\nrepo1-path=${home.folder}/empty\nlock-path=${home.folder}/lock\n`)

/** Spoils a page of a table of its own behind the back of PostgreSQL, as a bad disk does. */
const damagePage = async ({ data, query }: PostgreSQL): Promise<void> => {
  await query("CREATE TABLE damaged AS SELECT * FROM orders")
  await query("CHECKPOINT")
  const file = await open(join(data, await query("SELECT pg_relation_filepath('damaged')")), "r+")
  await file.write("not what was written here", PAGE_BYTES + PAGE_BYTES / 2)
  await file.close()
}

const mend = async ({ query }: PostgreSQL): Promise<void> => {
  await query("DROP TABLE damaged")
  // Only now its file goes.
  await query("CHECKPOINT")
}

describe("backups import pgbackrest --exec", () => {
  it("lists what pgbackrest has, with its times, its own sizes, and what each builds on", async () => {
    const owner = await newOwner()
    await imported(owner, counts(SOURCE, 2, 0, 0, 0))
    const listed = await owner.list()
    const { backup: known, db, name: stanza } = await pgbackrest.info()
    assert.deepStrictEqual(namesOf(listed), [increment.label, full.label], "the newest comes first")
    const labels = new Map(listed.map(({ id, name }) => [id, name]))
    assert.deepStrictEqual(
      listed.map(({ id: _, description: __, parent_id, ...record }) => ({
        ...record,
        parent: parent_id === null ? null : labels.get(parent_id)
      })),
      known.toReversed().map(({ label, timestamp, info, prior }) => ({
        name: label,
        status: "COMPLETED",
        created: utc(timestamp.start * 1000),
        updated: utc(timestamp.stop * 1000),
        size: info.repository.delta / 2 ** 30,
        instance_id: stanza,
        locationRef: null,
        datastore: { type: "PostgreSQL", version: String(db[0]?.version), version_id: null },
        parent: prior
      }))
    )
    assert.strictEqual(increment.prior, full.label)
  })

  it("changes nothing when it is done again", async () => {
    const owner = await newOwner()
    await imported(owner, counts(SOURCE, 2, 0, 0, 0))
    const before = await owner.list()
    await imported(owner, counts(SOURCE, 0, 0, 2, 0))
    assert.deepStrictEqual(await owner.list(), before)
  })

  it("says where each backup lies, where it is told where the repository is", async () => {
    const owner = await newOwner()
    const { code, stderr } = await owner.backups(...importing, "--location", pgbackrest.repository)
    assert.strictEqual(code, 0, stderr)
    const places = (await owner.list()).map(({ locationRef }) => String(locationRef))
    assert.lengthOf(places, 2)
    for (const place of places) assert.isTrue(existsSync(join(place, "backup.manifest")), place)
  })

  it("retires a backup that expired, and still lists it where retired ones are asked for", async () => {
    const owner = await newOwner()
    const more = await pgbackrest.backup("incr")
    await imported(owner, counts(SOURCE, 3, 0, 0, 0))
    await pgbackrest.expire(more.label)
    await imported(owner, counts(SOURCE, 0, 0, 2, 1))
    assert.deepStrictEqual(namesOf(await owner.list()), [increment.label, full.label])
    const all = await owner.list("--include", "retired")
    assert.deepStrictEqual(
      all.map(({ name, retired_at }) => [name, typeof retired_at]),
      [
        [more.label, "string"],
        [increment.label, "undefined"],
        [full.label, "undefined"]
      ]
    )
  })
})

/** What `backups check` says of an instance, as far as tests look at it. */
interface Coverage {
  readonly instance_id: string
  readonly verdict: string
  readonly reason: string
  readonly max_age: string
  readonly newest_usable: { readonly name: string; readonly created: string } | null
}

const check = async ({ backups }: Owner, ...args: ReadonlyArray<string>) => {
  const { code, stdout, stderr } = await backups("check", ...args, "-o", "json")
  assert.notStrictEqual(stdout, "", stderr)
  const coverage: ReadonlyArray<Coverage> = JSON.parse(stdout)
  return { code, stderr, coverage }
}

describe("what the catalog says of backups of pgbackrest", () => {
  it("shows the chain of an increment", async () => {
    const owner = await newOwner()
    await imported(owner, counts(SOURCE, 2, 0, 0, 0))
    const ids = new Map((await owner.list()).map(({ name, id }) => [name, id]))
    const asked = String(ids.get(increment.label))
    const { code, stdout, stderr } = await owner.backups("chain", asked, "-o", "json")
    assert.strictEqual(code, 0, stderr)
    const links: ReadonlyArray<{ relation: string; problem: string | null; backup: Listed }> = JSON.parse(stdout)
    assert.deepStrictEqual(
      links.map(({ relation, problem, backup: { name, id } }) => ({ relation, problem, name, id })),
      [
        { relation: "ancestor", problem: null, name: full.label, id: String(ids.get(full.label)) },
        { relation: "asked", problem: null, name: increment.label, id: asked }
      ]
    )
  })

  it("finds that the database has a good recent backup", async () => {
    const owner = await newOwner()
    await imported(owner, counts(SOURCE, 2, 0, 0, 0))
    const { code, stderr, coverage } = await check(owner)
    assert.strictEqual(code, 0, stderr)
    assert.deepStrictEqual(
      coverage.map(({ instance_id, verdict, newest_usable }) => [instance_id, verdict, newest_usable?.name]),
      [[pgbackrest.stanza, "fresh", increment.label]]
    )
    assert.strictEqual(coverage[0]?.newest_usable?.created, utc(increment.timestamp.start * 1000))
    const monitoring = await owner.backups("check", "-o", "nagios")
    assert.strictEqual(monitoring.code, 0)
    assert.match(monitoring.stdout, /^BACKUPS OK - [^|\n]+\|fresh=1;[^\n]*\n$/)
  })

  it("finds that a backup with damaged pages is not to be relied on", async () => {
    const owner = await newOwner()
    await damagePage(pgbackrest.postgres)
    onTestFinished(() => mend(pgbackrest.postgres))
    const damaged = await pgbackrest.backup("incr")
    onTestFinished(() => pgbackrest.expire(damaged.label))
    assert.isTrue(damaged.error, "pgbackrest itself saw it")
    await imported(owner, counts(SOURCE, 3, 0, 0, 0))
    assert.strictEqual((await owner.list())[0]?.status, "COMPLETED")
    const { code, stderr, coverage } = await check(owner)
    assert.strictEqual(code, 1)
    assert.include(stderr, "suspect")
    assert.deepStrictEqual(
      coverage.map(({ verdict, newest_usable }) => [verdict, newest_usable?.name]),
      [["suspect", damaged.label]]
    )
    assert.include(coverage[0]?.reason ?? "", "page checksums")
  })

  it("finds that all backups are gone, once it is allowed to believe it", async () => {
    const owner = await newOwner()
    await imported(owner, counts(SOURCE, 2, 0, 0, 0))
    const env = { PGBACKREST_CONFIG: await withoutStanza() }
    const emptied = await owner.backupsWith(env, ...importing, "--allow-empty")
    assert.deepStrictEqual(emptied, { code: 0, stdout: counts(SOURCE, 0, 0, 0, 2), stderr: "" })
    const { code, coverage } = await check(owner)
    assert.strictEqual(code, 1)
    assert.deepStrictEqual(
      coverage.map(({ verdict, newest_usable }) => [verdict, newest_usable]),
      [["stale", null]]
    )
  })
})

describe("a pgbackrest that does not tell what it has", () => {
  const refused = async (owner: Owner, ended: Ended, words: RegExp): Promise<void> => {
    assert.strictEqual(ended.code, 1, ended.stdout)
    assert.match(ended.stderr, words)
    const listed = await owner.list("--include", "retired")
    assert.deepStrictEqual(
      listed.map(({ name, retired_at }) => [name, retired_at]),
      [
        [increment.label, undefined],
        [full.label, undefined]
      ],
      "nothing is retired"
    )
  }

  it("is refused in its own words when its configuration is missing", async () => {
    const owner = await newOwner()
    await imported(owner, counts(SOURCE, 2, 0, 0, 0))
    const missing = join(home.folder, "missing.conf")
    const ended = await owner.backupsWith({ PGBACKREST_CONFIG: missing }, ...importing)
    assert.strictEqual(ended.stdout, "")
    await refused(owner, ended, /ERROR: \[055\]: unable to open missing file '.*missing\.conf' for read/)
  })

  it("retires nothing when it knows of no stanza, as one without a configuration does, and exits with 0", async () => {
    const owner = await newOwner()
    await imported(owner, counts(SOURCE, 2, 0, 0, 0))
    const ended = await owner.backupsWith({ PGBACKREST_CONFIG: await withoutStanza() }, ...importing)
    assert.strictEqual(ended.stdout, "")
    await refused(owner, ended, /would retire all that it had \(2\).*--allow-empty/)
  })

  it("retires nothing when it is asked for a stanza that it does not have, and says so in its words", async () => {
    const owner = await newOwner()
    await imported(owner, counts(SOURCE, 2, 0, 0, 0))
    const asking = ["--", "pgbackrest", "--stanza=order", "info", "--output=json"]
    await refused(owner, await owner.backups(...importing, ...asking), /missing stanza path/)
  })
})

describe("backups sync, with pgbackrest among its sources", () => {
  const ours = `sources:
  - name: ${SOURCE}
    tool: pgbackrest
    exec: true
`

  it("does the same as import", async () => {
    const owner = await newOwner()
    const config = await writeIn(home, "backups.yaml", ours)
    assert.strictEqual((await owner.backups("sync", "--check")).code, 0)
    await imported(owner, counts(SOURCE, 2, 0, 0, 0))
    const { code, stdout, stderr } = await owner.backups("sync", "--config", config)
    assert.strictEqual(code, 0, stderr)
    assert.include(stdout, counts(SOURCE, 0, 0, 2, 0))
    assert.strictEqual(stderr, "")
    assert.deepStrictEqual(namesOf(await owner.list()), [increment.label, full.label])
  })

  it("imports it beside one that is refused", async () => {
    const owner = await newOwner()
    const other = `${ours}  - name: pg-other
    tool: pgbackrest
    command: [pgbackrest, --config=${home.folder}/missing.conf, info, --output=json]
`
    const config = await writeIn(home, "two.yaml", other)
    const { code, stdout, stderr } = await owner.backups("sync", "--config", config)
    assert.strictEqual(code, 1)
    assert.include(stdout, counts(SOURCE, 2, 0, 0, 0))
    assert.match(stderr, /pg-other: .*unable to open missing file/)
    assert.match(stderr, /1 of 2 sources failed.*: pg-other\./)
    assert.deepStrictEqual(namesOf(await owner.list()), [increment.label, full.label])
  })
})

// At the end of the file, since it needs a backup of some age.
describe("what the catalog says of backups of pgbackrest, a minute later", () => {
  it("finds that the newest backup is too old, by an age that is given and by that of the policy", async () => {
    const owner = await newOwner()
    await imported(owner, counts(SOURCE, 2, 0, 0, 0))
    // The shortest age that there is, and a second in which it may be rounded.
    await setTimeout(increment.timestamp.start * 1000 + 61_000 - Date.now())
    const byAge = await check(owner, "--max-age", "1m")
    assert.strictEqual(byAge.code, 1)
    assert.include(byAge.stderr, `${pgbackrest.stanza} stale`)
    assert.deepStrictEqual(
      byAge.coverage.map(({ verdict, max_age, newest_usable }) => [verdict, max_age, newest_usable?.name]),
      [["stale", "1m", increment.label]]
    )
    assert.strictEqual((await check(owner)).code, 0, "by the policy it is young enough")
    const rules = [{ datastore: "postgresql", max_age: "1m" }]
    const policy = { method: "PUT", path: "/policy", body: { policy: { rules } } }
    const answer = await ask(catalog.url, owner.account, owner.token, policy)
    assert.strictEqual(answer.status, 200, answer.message)
    const byPolicy = await check(owner)
    assert.deepStrictEqual(
      byPolicy.coverage.map(({ verdict, max_age }) => [verdict, max_age]),
      [["stale", "1m"]]
    )
    assert.strictEqual(byPolicy.code, 1)
    const monitoring = await owner.backups("check", "-o", "nagios")
    assert.strictEqual(monitoring.code, 1)
    assert.match(monitoring.stdout, /^BACKUPS WARNING - [^|\n]*orders stale[^|\n]*\|[^\n]*stale=1;[^\n]*\n$/)
  })
})
