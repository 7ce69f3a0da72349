import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, inject, it, onTestFinished } from "vitest"
import { ask, askOnce } from "../support/ask.ts"
import { type Catalog, startCatalog } from "../support/Catalog.ts"
import { revoke, signIn } from "../support/identity.ts"
import { copyKeystone, type Keystone, startKeystone } from "../support/Keystone.ts"
import { until } from "../support/until.ts"

const cloud = inject("cloud")
const { keystone, catalog, projects, people, credentials } = cloud

let number = 0

/** A server of its own; its store is that of the cloud. */
const serverOf = async (url: string, ...flags: ReadonlyArray<string>): Promise<Catalog> => {
  const server = await startCatalog({
    keystone: url,
    credentials: credentials.applicationCredential,
    store: catalog.store,
    logs: join(cloud.logs, `away ${++number}`),
    flags: ["--rate-limit", "0", ...flags]
  })
  onTestFinished(server.stop)
  return server
}

/** A Keystone of its own that has what the cloud's has. */
const ownKeystone = async (tokenLife?: number): Promise<readonly [keystone: Keystone, folder: string]> => {
  const folder = join(cloud.folder, `keystone ${++number}`)
  await mkdir(folder)
  await copyKeystone(keystone.folder, folder, tokenLife)
  const own = await startKeystone(folder)
  return [own, folder]
}

const statusIs = (wanted: number, server: Catalog, token: string) =>
  until(`an answer ${wanted}`, async () => {
    const answer = await askOnce(server.url, projects.shop, token)
    return answer.status === wanted ? answer : undefined
  })

describe("a token that stops being good", () => {
  it("is let in no longer once it has expired, and the server outlives the token of its own", async () => {
    const TOKEN_LIFE = 15
    const [own] = await ownKeystone(TOKEN_LIFE)
    onTestFinished(own.kill)
    const server = await serverOf(own.url)
    const { token, expires } = await signIn(own.url, people.member)
    assert.strictEqual((await ask(server.url, projects.shop, token)).status, 200)
    await statusIs(401, server, token)
    assert.isAtLeast(Date.now(), expires.getTime())
    const next = await signIn(own.url, people.member)
    assert.strictEqual((await ask(server.url, projects.shop, next.token)).status, 200)
  })

  it("is let in no longer once it was revoked and the cache has forgotten it", async () => {
    const server = await serverOf(keystone.url, "--token-cache", "2s")
    const { token } = await signIn(keystone.url, people.member)
    const remembering = () => ask(catalog.url, projects.shop, token)
    assert.strictEqual((await ask(server.url, projects.shop, token)).status, 200)
    assert.strictEqual((await remembering()).status, 200)
    await revoke(keystone.url, token)
    assert.strictEqual((await remembering()).status, 200, "five minutes are the default")
    const { message } = await statusIs(401, server, token)
    assert.include(message, "new one")
  })
})

describe("a Keystone that goes away", () => {
  it("is missed by those only whom the server does not know yet, and found again when it is back", async () => {
    const [first, folder] = await ownKeystone()
    const server = await serverOf(first.url)
    const list = (token: string) => ask(server.url, projects.shop, token)
    const newToken = async () => (await signIn(first.url, people.member)).token
    const [known, whileFrozen, whileGone] = [await newToken(), await newToken(), await newToken()]
    assert.strictEqual((await list(known)).status, 200)

    const refusesOnlyTheUnknown = async (unknown: string) => {
      const before = Date.now()
      const { status, headers, message } = await askOnce(server.url, projects.shop, unknown)
      // It promises two seconds; the third is for a machine that has other things to do.
      assert.isBelow(Date.now() - before, 3000)
      assert.strictEqual(status, 503)
      assert.isAbove(Number(headers.get("Retry-After")), 0)
      assert.match(message, /try again/)
      assert.strictEqual((await list(known)).status, 200)
    }

    first.freeze()
    await refusesOnlyTheUnknown(whileFrozen)
    first.thaw()
    await statusIs(200, server, whileFrozen)

    await first.kill()
    await refusesOnlyTheUnknown(whileGone)
    const second = await startKeystone(folder, first.port)
    onTestFinished(second.kill)
    await statusIs(200, server, whileGone)
  })
})
