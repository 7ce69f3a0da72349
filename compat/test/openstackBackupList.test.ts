import { assert, describe, inject, it } from "vitest"
import { openstack, openstackJson } from "../support/clients.ts"
import { BANK_SIZE, bank, type CatalogRecord, instances, shop } from "../support/records.ts"

const cloud = inject("cloud")
const { member, admin, banker } = cloud.people
const all = Object.values(shop)

type Row = Record<"ID" | "Instance ID" | "Name" | "Status" | "Parent ID" | "Updated" | "Project ID", string | null>

const rowOf = (record: CatalogRecord, project: string): Row => ({
  ID: record.id,
  "Instance ID": record.instance_id,
  Name: record.name,
  Status: record.status,
  "Parent ID": record.parent_id,
  Updated: record.updated,
  "Project ID": project
})

const list = (person: typeof member, ...args: ReadonlyArray<string>): Promise<ReadonlyArray<Row>> =>
  openstackJson(cloud, person, "database", "backup", "list", ...args)

const idsOf = (rows: ReadonlyArray<Row>) => rows.map(({ ID }) => ID)
const ids = (...records: ReadonlyArray<CatalogRecord>) => records.map(({ id }) => id)

const printed = async (...args: ReadonlyArray<string>): Promise<string> => {
  const { code, stdout, stderr } = await openstack(cloud, member, "database", "backup", "list", ...args)
  assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
  return stdout
}

describe("openstack database backup list", () => {
  it("shows every backup of the project, newest first, in JSON", async () => {
    const project = ""
    assert.deepStrictEqual(
      await list(member),
      all.map((record) => rowOf(record, project))
    )
  })

  it("prints a table", async () => {
    const table = await printed("-c", "ID", "-c", "Status", "-c", "Parent ID")
    const line = (id: string, status: string, parent: string) =>
      `| ${id.padEnd(36)} | ${status.padEnd(9)} | ${parent.padEnd(36)} |`
    const bar = `+${"-".repeat(38)}+${"-".repeat(11)}+${"-".repeat(38)}+`
    const lines = all.map(({ id, status, parent_id }) => line(id, status, parent_id ?? "None"))
    assert.deepStrictEqual(table.trim().split("\n"), [bar, line("ID", "Status", "Parent ID"), bar, ...lines, bar])
  })

  it("prints CSV", async () => {
    const csv = await printed("-f", "csv", "-c", "ID", "-c", "Instance ID", "-c", "Name")
    const lines = all.map(({ id, instance_id, name }) => `"${id}","${instance_id ?? ""}","${name}"`)
    assert.deepStrictEqual(csv.trim().split(/\r?\n/), ['"ID","Instance ID","Name"', ...lines])
  })

  it("prints bare values", async () => {
    const lines = all.map(({ id, updated }) => `${id} ${updated}`)
    assert.deepStrictEqual((await printed("-f", "value", "-c", "ID", "-c", "Updated")).trim().split("\n"), lines)
  })

  it("prints YAML", async () => {
    const lines = all.flatMap(({ id, status }) => [`- ID: ${id}`, `  Status: ${status}`])
    assert.deepStrictEqual((await printed("-f", "yaml", "-c", "ID", "-c", "Status")).trim().split("\n"), lines)
  })

  it("shows the newest with --limit, and those behind a backup with --marker", async () => {
    assert.deepStrictEqual(idsOf(await list(member, "--limit", "2")), ids(shop.running, shop.failed))
    const behind = await list(member, "--limit", "2", "--marker", shop.failed.id)
    assert.deepStrictEqual(idsOf(behind), ids(shop.moved, shop.archived))
  })

  it("refuses a --limit above the maximum with a sentence that names it", async () => {
    const { code, stderr } = await openstack(cloud, member, "database", "backup", "list", "--limit", "1001")
    assert.strictEqual(code, 1)
    assert.match(stderr, /must be at most 1000.*\(HTTP 413\)/)
  })

  it("keeps one kind of datastore with --datastore, however it is written, and says when there is none such", async () => {
    assert.deepStrictEqual(idsOf(await list(member, "--datastore", "postgresql")), ids(shop.failed, shop.ledger))
    const { code, stderr } = await openstack(cloud, member, "database", "backup", "list", "--datastore", "postgers")
    assert.strictEqual(code, 1)
    assert.match(stderr, /datastore postgers .*\(HTTP 404\)/)
  })

  it("keeps the backups of one instance with --instance-id and with --instance", async () => {
    const ofLedger = ids(shop.failed, shop.ledger)
    assert.deepStrictEqual(idsOf(await list(member, "--instance-id", instances.ledger)), ofLedger)
    assert.deepStrictEqual(idsOf(await list(member, "--instance", instances.ledger)), ofLedger)
    assert.deepStrictEqual(idsOf(await list(member, "--instance", instances.archive)), ids(shop.archived))
  })

  it("follows every page of a long list by itself", { timeout: 300_000 }, async () => {
    assert.deepStrictEqual(idsOf(await list(banker)), ids(...bank))
  })

  it("shows the backups of another project with --project-id to an admin", async () => {
    const rows = await list(admin, "--project-id", cloud.projects.bank, "--limit", "3")
    assert.deepStrictEqual(
      rows,
      bank.slice(0, 3).map((record) => rowOf(record, cloud.projects.bank))
    )
  })

  it("shows the backups of all projects, and whose they are, with --all-projects to an admin", async () => {
    const rows = await list(admin, "--all-projects")
    const count = (project: string) => rows.filter((row) => row["Project ID"] === project).length
    const { shop: shopId, bank: bankId, lab: labId } = cloud.projects
    assert.strictEqual(count(shopId), all.length)
    assert.strictEqual(count(bankId), BANK_SIZE)
    assert.isAbove(count(labId), 0)
    assert.strictEqual(new Set(idsOf(rows)).size, rows.length)
  })

  it("does not show other projects to anybody but an admin", async () => {
    for (const option of [["--all-projects"], ["--project-id", cloud.projects.bank]]) {
      const { code, stderr } = await openstack(cloud, member, "database", "backup", "list", ...option)
      assert.strictEqual(code, 1)
      assert.match(stderr, /\(HTTP 403\)/)
    }
  })
})

describe("openstack database backup list instance", () => {
  it("shows the backups of an instance", async () => {
    const rows = await openstackJson<ReadonlyArray<Row>>(
      cloud,
      member,
      "database",
      "backup",
      "list",
      "instance",
      instances.ledger
    )
    const expected = [shop.failed, shop.ledger].map((record) => {
      const { "Project ID": _, ...row } = rowOf(record, "")
      return row
    })
    assert.deepStrictEqual(rows as ReadonlyArray<Partial<Row>>, expected)
  })

  it("says when the project has no such instance", async () => {
    const { code, stderr } = await openstack(cloud, member, "database", "backup", "list", "instance", "nowhere")
    assert.strictEqual(code, 1)
    assert.match(stderr, /No instance with a name or ID of 'nowhere' exists/)
  })
})
