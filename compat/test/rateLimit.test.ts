import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import { ask } from "../support/ask.ts"
import { type Catalog, startCatalog } from "../support/Catalog.ts"
import { openstackAt } from "../support/clients.ts"
import { signIn } from "../support/identity.ts"

const cloud = inject("cloud")
const { keystone, projects, people, credentials } = cloud
// With one a minute, none is earned back while the test goes on.
const RATE = 1

describe("a server with a limit on the rate of requests, which signs in with a password", () => {
  let catalog: Catalog

  beforeAll(async () => {
    catalog = await startCatalog({
      keystone: keystone.url,
      credentials: credentials.password,
      store: join(cloud.folder, "rate-limit.sqlite"),
      logs: join(cloud.logs, "rate limit"),
      flags: ["--rate-limit", String(RATE)]
    })
  })
  afterAll(() => catalog.stop())

  it("tells openstack the limit, and then that it is used up", async () => {
    const { token } = await signIn(keystone.url, people.member)
    assert.strictEqual((await ask(catalog.url, projects.shop, token, { path: "/limits" })).status, 200)
    const at = { token, address: `${catalog.url}/v1.0/${projects.shop}` }
    const limits = await openstackAt(cloud, at, "database", "limit", "list", "-f", "csv")
    assert.strictEqual(limits.code, 0, limits.stderr)
    assert.match(limits.stdout, new RegExp(`^${RATE},"GET",${RATE},"MINUTE"`, "m"))

    assert.strictEqual((await ask(catalog.url, projects.shop, token)).status, 200)
    const refused = await ask(catalog.url, projects.shop, token)
    assert.strictEqual(refused.status, 413)
    assert.isAbove(Number(refused.headers.get("Retry-After")), 0)
    const { code, stderr } = await openstackAt(cloud, at, "database", "backup", "list")
    assert.strictEqual(code, 1)
    assert.match(stderr, /\(HTTP 413\)/)
  })
})
