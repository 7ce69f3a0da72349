import { join } from "node:path"
import { assert, beforeAll, describe, inject, it } from "vitest"
import { python } from "../support/clients.ts"
import { instances, shop } from "../support/records.ts"

const cloud = inject("cloud")
const all = Object.values(shop)

interface Findings {
  readonly list: unknown
  readonly first: unknown
  readonly second: unknown
  readonly show: unknown
  readonly instances: ReadonlyArray<string>
  readonly failures: Record<string, { type: string; status: number; details: string } | null>
}

describe("openstacksdk with a clouds.yaml", () => {
  let findings: Findings

  beforeAll(async () => {
    const plan = { backup: shop.running.id, other: `${cloud.catalog.url}/v1.0/${cloud.projects.bank}/backups` }
    findings = await python(cloud, "openstacksdk_adapter.py", {
      OS_CLIENT_CONFIG_FILE: join(cloud.folder, "clouds.yaml"),
      COMPAT_PLAN: JSON.stringify(plan)
    })
  })

  it("reads the list and one backup, member for member", () => {
    assert.deepStrictEqual(findings.list, { backups: all })
    assert.deepStrictEqual(findings.show, { backup: shop.running })
  })

  it("follows a next link", () => {
    assert.deepStrictEqual(findings.first, all.slice(0, 2))
    assert.deepStrictEqual(findings.second, all.slice(2, 4))
  })

  it("lists the instances as its own resources", () => {
    assert.deepStrictEqual(findings.instances, Object.values(instances).toSorted())
  })

  it("makes exceptions of faults, with our sentences in them", () => {
    const { failures } = findings
    const kinds = Object.entries(failures).map(([what, failure]) => [what, failure?.type, failure?.status])
    assert.deepStrictEqual(kinds, [
      ["no such backup", "ResourceNotFound", 404],
      ["no such parameter", "BadRequestException", 400],
      ["other project", "HttpException", 403]
    ])
    assert.match(failures["no such parameter"]?.details ?? "", /sort/)
  })
})
