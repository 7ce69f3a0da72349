import { assert, beforeAll, describe, inject, it } from "vitest"
import { python } from "../support/clients.ts"
import { BANK_SIZE, bank, instances, lab, shop } from "../support/records.ts"

const cloud = inject("cloud")

interface Failure {
  readonly type: string
  readonly status: number
  readonly message: string
}

type Pages = ReadonlyArray<ReadonlyArray<string>>

interface Findings {
  readonly pages: Pages
  readonly "small pages": Pages
  readonly "by datastore": Pages
  readonly "all projects": Pages
  readonly "one project": Pages
  readonly "of instance": Pages
  readonly get: unknown
  readonly instance: unknown
  readonly instances: Pages
  readonly "backups of instance": Pages
  readonly limits: ReadonlyArray<{ readonly verb: string }>
  readonly restored: Record<string, unknown>
  readonly failures: Record<string, Failure | null>
}

const bankIds = bank.map(({ id }) => id)
const ofLedger = [shop.failed.id, shop.ledger.id]

describe("the Python API of python-troveclient", () => {
  let findings: Findings

  beforeAll(async () => {
    const plan = {
      ...cloud.people,
      bank: cloud.projects.bank,
      instance: instances.ledger,
      backup: shop.failed.id,
      busy: lab.busy.id
    }
    findings = await python(cloud, "troveclient_api.py", {
      OS_AUTH_URL: cloud.keystone.url,
      COMPAT_PLAN: JSON.stringify(plan)
    })
  })

  it("walks over all backups of a long list, a thousand at a time", () => {
    assert.deepStrictEqual(
      findings.pages.map(({ length }) => length),
      [1000, 1000, 500]
    )
    assert.deepStrictEqual(findings.pages.flat(), bankIds)
  })

  it("walks over them in pages of any size", () => {
    assert.strictEqual(findings["small pages"].length, Math.ceil(BANK_SIZE / 33))
    assert.deepStrictEqual(findings["small pages"].flat(), bankIds)
    const ofMysql = bank.filter(({ datastore }) => datastore?.type === "MySQL").map(({ id }) => id)
    assert.deepStrictEqual(findings["by datastore"].flat(), ofMysql)
  })

  it("walks over the backups of all projects and of another project, as an admin", () => {
    const everything = findings["all projects"].flat()
    assert.strictEqual(new Set(everything).size, everything.length)
    assert.includeMembers(everything, [...bankIds, ...Object.values(shop).map(({ id }) => id), lab.busy.id])
    assert.deepStrictEqual(findings["one project"].flat(), bankIds)
  })

  it("gets a backup, member for member", () => {
    assert.deepStrictEqual(findings.get, shop.failed)
  })

  it("lists the backups of an instance, as a filter and as a resource", () => {
    assert.deepStrictEqual(findings["of instance"], [ofLedger])
    assert.deepStrictEqual(
      findings["backups of instance"],
      ofLedger.map((id) => [id])
    )
  })

  it("gets an instance, whose name is its id, and lists the instances", () => {
    const { ledger } = instances
    assert.deepStrictEqual(findings.instance, { id: ledger, name: ledger, datastore: shop.failed.datastore })
    assert.deepStrictEqual(
      findings.instances,
      Object.values(instances)
        .toSorted()
        .map((id) => [id])
    )
  })

  it("lists the limits", () => {
    assert.strictEqual(findings.limits[0]?.verb, "ABSOLUTE")
  })

  it("registers a backup that exists elsewhere, and deletes it", () => {
    const { name, status, size, locationRef } = findings.restored
    assert.deepStrictEqual(
      { name, status, size, locationRef },
      { name: "by the API", status: "RESTORED", size: 2, locationRef: "https://example.com/b" }
    )
    assert.strictEqual(findings.failures.deleted?.type, "NotFound")
  })

  it("raises its own exceptions, with our sentences in them", () => {
    const { failures } = findings
    const kinds = Object.entries(failures).map(([what, failure]) => [what, failure?.type, failure?.status])
    assert.deepStrictEqual(kinds, [
      ["no such backup", "NotFound", 404],
      ["deleted", "NotFound", 404],
      ["no such instance", "NotFound", 404],
      ["limit", "RequestEntityTooLarge", 413],
      ["marker", "BadRequest", 400],
      ["running", "UnprocessableEntity", 422],
      ["backup", "HttpNotImplemented", 501],
      ["all projects", "Forbidden", 403]
    ])
    assert.match(failures["no such backup"]?.message ?? "", /no backup .*nothing/)
    assert.match(failures.limit?.message ?? "", /1000/)
    assert.match(failures.running?.message ?? "", new RegExp(lab.busyChild.id))
  })
})
