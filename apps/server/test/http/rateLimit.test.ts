import { join } from "node:path"
import { parseFault } from "@backup-catalog/core"
import { LimitsAnswer } from "@backup-catalog/core/http"
import { Schema } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import { prepare, start, temporaryFolder } from "../support/server.ts"
import { get } from "../support/socket.ts"

const list = "/v1.0/1234/backups"
const tokens = { good: { account: "1234" }, also: { account: "1234" }, other: { account: "99" } }

const serve = async (settings: { readonly rateLimit: number; readonly leanList: boolean }) => {
  const store = `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`
  await prepare(store, {}, tokens)
  const [url, stop] = await start({ store, ...settings })
  onTestFinished(stop)
  return url
}

describe.each([
  ["in front of the router", true],
  ["through the router", false]
] as const)("the rate of lists %s", (_, leanList) => {
  it("is counted for each account over all its tokens, told in headers, and 413 when there is none left", async () => {
    const url = await serve({ rateLimit: 3, leanList })
    const lists = ["/v1.0/1234/backups", "/v1.0/1234/backups?limit=1", "/v1.0/1234/instances"]
    for (const [n, path] of lists.entries()) {
      const answer = await get(url, path, n === 1 ? "also" : "good")
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.headers["ratelimit-policy"], '"list";q=3;w=60')
      assert.match(answer.headers.ratelimit ?? "", new RegExp(`^"list";r=${2 - n};t=\\d+$`))
      assert.strictEqual(answer.headers["ratelimit-limit"], "3")
      assert.strictEqual(answer.headers["ratelimit-remaining"], String(2 - n))
      assert.match(answer.headers["ratelimit-reset"] ?? "", /^\d+$/)
    }
    const refused = await get(url, `${list}?bad=1`, "good")
    assert.strictEqual(refused.status, 413)
    const fault = parseFault(JSON.parse(refused.body))
    assert.strictEqual(fault?.fault, "overLimit")
    assert.include(fault?.message, "3 list requests a minute")
    assert.isAtLeast(Number(refused.headers["retry-after"]), 1)
    assert.isAtMost(Number(refused.headers["retry-after"]), 20)
    assert.strictEqual(refused.headers["ratelimit-remaining"], "0")
    // Who may not list at all is told so, and what is no list goes on.
    assert.strictEqual((await get(url, list, "nobody")).status, 401)
    assert.strictEqual((await get(url, list, "other")).status, 403)
    assert.strictEqual((await get(url, `${list}/x`, "good")).status, 404)
    assert.strictEqual((await get(url, "/v1.0/99/backups", "other")).status, 200)
  })

  it("is shown by limits, which counts for none", async () => {
    const url = await serve({ rateLimit: 5, leanList })
    await get(url, list, "good")
    for (const _ of [1, 2, 3]) {
      const { status, body } = await get(url, "/v1.0/1234/limits", "good")
      assert.strictEqual(status, 200)
      const { limits } = Schema.decodeUnknownSync(LimitsAnswer)(JSON.parse(body))
      const [absolute, rate] = limits
      assert.deepStrictEqual(absolute, { verb: "ABSOLUTE" })
      assert.deepInclude(rate, { verb: "GET", unit: "MINUTE", value: 5, remaining: 4 })
      assert.match(JSON.stringify(rate), /"nextAvailable":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/)
    }
  })

  it("is without end when it is off, and then not told", async () => {
    const url = await serve({ rateLimit: 0, leanList })
    for (let n = 0; n < 120; n++) {
      const { status, headers } = await get(url, list, "good")
      assert.strictEqual(status, 200)
      assert.isUndefined(headers["ratelimit-limit"])
    }
    const { body } = await get(url, "/v1.0/1234/limits", "good")
    assert.deepStrictEqual(JSON.parse(body), { limits: [{ verb: "ABSOLUTE" }] })
  })
})
