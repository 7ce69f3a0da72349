import { assert, describe, inject, it } from "vitest"
import { installed, trove } from "../support/clients.ts"
import { bank, instances, lab, shop } from "../support/records.ts"

const cloud = inject("cloud")
const { banker, member, tester } = cloud.people

const printed = async (person: typeof member, ...args: ReadonlyArray<string>): Promise<string> => {
  const { code, stdout, stderr } = await trove(cloud, person, ...args)
  assert.strictEqual(code, 0, stderr)
  return stdout
}

// In its tables, every text is printed as Python writes bytes.
const bytes = (text: string) => `b'${text}'`

describe.runIf(installed("trove"))("the old trove command", () => {
  it("lists the backups", async () => {
    const table = await printed(member, "backup-list")
    for (const { id, status } of Object.values(shop)) {
      const row = table.split("\n").find((line) => line.includes(bytes(id)))
      assert.include(row, bytes(status))
    }
    assert.strictEqual(table.match(/b'0000005a-/g)?.length, Object.keys(shop).length + 1, "a parent, and every id once")
  })

  it("lists the backups of a datastore, also behind the first page, where it leaves out what it was asked", async () => {
    const ofMysql = bank.filter(({ datastore }) => datastore?.type === "MySQL").map(({ id }) => id)
    assert.isAbove(ofMysql.length, 1000)
    const table = await printed(banker, "backup-list", "--datastore", "mysql")
    assert.sameMembers(table.match(/(?<=^\| b')[0-9a-f-]{36}/gm) ?? [], ofMysql)
  })

  it("lists the backups of an instance", async () => {
    const table = await printed(member, "backup-list-instance", instances.ledger)
    assert.include(table, bytes(shop.ledger.id))
    assert.include(table, bytes(shop.failed.id))
    assert.notInclude(table, shop.nightly.id)
  })

  it("shows a backup by its id and by its name", async () => {
    for (const name of [shop.ledger.id, shop.ledger.name]) {
      const table = await printed(member, "backup-show", name)
      for (const text of [shop.ledger.id, shop.ledger.updated, "PostgreSQL", "1.25"]) assert.include(table, text)
    }
  })

  it("deletes a backup, which is then gone", async () => {
    await printed(tester, "backup-delete", lab.byTrove.id)
    const { code, stderr } = await trove(cloud, tester, "backup-show", lab.byTrove.id)
    assert.strictEqual(code, 1)
    assert.include(stderr, `No backup with a name or ID of '${lab.byTrove.id}' exists.`)
  })
})
