import { assert, describe, inject, it } from "vitest"
import { openstack, openstackJson } from "../support/clients.ts"
import { type CatalogRecord, lab, shop } from "../support/records.ts"

const cloud = inject("cloud")
const { member, tester } = cloud.people

const backup = (...args: ReadonlyArray<string>) => openstack(cloud, tester, "database", "backup", ...args)

const left = async (): Promise<ReadonlyArray<string>> => {
  const rows = await openstackJson<ReadonlyArray<{ ID: string }>>(cloud, tester, "database", "backup", "list")
  return rows.map(({ ID }) => ID)
}

describe("openstack database backup show", () => {
  const show = (name: string) => openstackJson<unknown>(cloud, member, "database", "backup", "show", name)
  const shown = ({ datastore, ...record }: CatalogRecord) => ({
    ...record,
    ...(datastore === undefined
      ? {}
      : { datastore: datastore.type, datastore_version: datastore.version, datastore_version_id: datastore.version_id })
  })

  it("shows a backup by its id", async () => {
    assert.deepStrictEqual(await show(shop.failed.id), shown(shop.failed))
  })

  it("shows a backup by its name, also one without a datastore", async () => {
    assert.deepStrictEqual(await show("running"), shown(shop.running))
  })

  it("says when there is none of this name", async () => {
    const { code, stderr } = await openstack(cloud, member, "database", "backup", "show", "nothing")
    assert.strictEqual(code, 1)
    assert.match(stderr, /No backup with a name or ID of 'nothing' exists/)
  })
})

describe("openstack database backup delete", () => {
  it("deletes a backup by its id together with all that are incremental to it", async () => {
    const { code, stdout } = await backup("delete", lab.chain.id)
    assert.strictEqual(code, 0)
    assert.include(stdout, `Request to delete database backup ${lab.chain.id} has been accepted.`)
    assert.notIncludeMembers([...(await left())], [lab.chain.id, lab.chainChild.id, lab.chainGrandchild.id])
  })

  it("deletes a backup by its name", async () => {
    assert.include((await backup("delete", "by name")).stdout, lab.byName.id)
    assert.notInclude(await left(), lab.byName.id)
  })

  it("leaves a backup while one that is incremental to it is being made, and says so", async () => {
    const { code, stdout, stderr } = await backup("delete", lab.busy.id)
    assert.strictEqual(code, 1)
    assert.match(stdout, /\(HTTP 422\)/)
    assert.include(stdout, lab.busyChild.id)
    assert.include(stderr, "Unable to delete the specified database backup(s).")
    assert.includeMembers([...(await left())], [lab.busy.id, lab.busyChild.id])
  })

  it("is refused to a reader", async () => {
    const { reader } = cloud.people
    const { code, stdout } = await openstack(cloud, reader, "database", "backup", "delete", shop.nightly.id)
    assert.strictEqual(code, 1)
    assert.match(stdout, /\(HTTP 403\)/)
  })
})

describe("openstack database backup create", () => {
  const elsewhere = "https://objects.example.com/elsewhere/orders.xbstream.gz"
  const restore = ["--restore-from", elsewhere, "--restore-datastore-version"]

  it("registers a backup that exists elsewhere with --restore-from", async () => {
    const version = lab.busy.datastore?.version_id ?? ""
    const made = await openstackJson<Record<string, unknown>>(
      cloud,
      tester,
      ...["database", "backup", "create", "from elsewhere", ...restore, version, "--restore-size", "1.5"]
    )
    const { id, created, updated, ...rest } = made
    assert.match(String(id), /^[0-9a-f]{8}-/)
    assert.match(String(created), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
    assert.strictEqual(updated, created)
    assert.deepStrictEqual(rest, {
      name: "from elsewhere",
      description: null,
      status: "RESTORED",
      size: 1.5,
      instance_id: null,
      parent_id: null,
      locationRef: elsewhere,
      datastore: "MySQL",
      datastore_version: "8.0",
      datastore_version_id: version
    })
    assert.include(await left(), id)
  })

  it("is told what is missing when no size is given", async () => {
    const { code, stderr } = await backup("create", "sizeless", ...restore, "some-version")
    assert.strictEqual(code, 1)
    assert.match(stderr, /size.*\(HTTP 400\)/)
  })

  it("says that the catalog does not take backups, and who does", async () => {
    const { code, stderr } = await backup("create", "tonight", "--instance", lab.busy.instance_id ?? "")
    assert.strictEqual(code, 1)
    assert.match(stderr, /The catalog does not take backups: .*\(HTTP 501\)/)
  })

  it("is refused to a reader", async () => {
    const { reader } = cloud.people
    const args = ["database", "backup", "create", "mine", ...restore, "some-version", "--restore-size", "1"]
    const { code, stderr } = await openstack(cloud, reader, ...args)
    assert.strictEqual(code, 1)
    assert.match(stderr, /\(HTTP 403\)/)
  })
})

describe("openstack database limit list", () => {
  it("prints the limits", async () => {
    const { code, stdout, stderr } = await openstack(cloud, member, "database", "limit", "list")
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
    assert.match(stdout, /\| verb +\| ABSOLUTE +\|/)
  })
})
