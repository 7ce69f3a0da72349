import { assert, describe, it, onTestFinished } from "vitest"
import { prepare, start } from "../support/server.ts"
import { emptyStore } from "../support/TestStore.ts"
import { upsert } from "./familyServer.ts"

/** Two servers of one store that answer lists in other forms; how each is asked. */
const serversOfTwoForms = async () => {
  const { address: store } = await emptyStore(onTestFinished)
  await prepare(store, {}, { member: { account: "1234", role: "member" }, other: { account: "99", role: "member" } })
  const server = async (pageSize: number) => {
    const [url, stop] = await start({ store, pages: { pageSize, maxPageSize: 1000 } })
    onTestFinished(stop)
    return (method: string, headers: Record<string, string> = {}, name?: string, account = "1234") =>
      fetch(`${url}/v1.0/${account}/backups/one`, {
        method,
        headers: {
          "X-Auth-Token": account === "1234" ? "member" : "other",
          ...(name === undefined ? {} : { "Content-Type": "application/json" }),
          ...headers
        },
        ...(name === undefined ? {} : { body: upsert({ name }) })
      })
  }
  return [await server(1000), await server(10)] as const
}

const tagOf = (answer: Response) => answer.headers.get("etag") ?? assert.fail("no ETag")

describe("the tag of a record", () => {
  it("is a condition of writes at a server of another form", async () => {
    const [first, second] = await serversOfTwoForms()
    const made = tagOf(await first("PUT", {}, "one"))
    const shown = tagOf(await first("GET"))
    assert.strictEqual((await second("PUT", { "If-None-Match": made }, "two")).status, 412)
    assert.strictEqual((await second("PUT", { "If-Match": made }, "one")).status, 200)
    assert.strictEqual((await second("PUT", { "If-Match": shown }, "two")).status, 200)
    assert.strictEqual((await first("DELETE", { "If-Match": shown })).status, 412)
    assert.strictEqual((await first("DELETE", { "If-Match": tagOf(await second("GET")) })).status, 202)
  })

  it("is none of the same record of another account", async () => {
    const [first] = await serversOfTwoForms()
    const made = tagOf(await first("PUT", {}, "one"))
    await first("PUT", {}, "one", "99")
    assert.strictEqual((await first("DELETE", { "If-Match": made }, undefined, "99")).status, 412)
  })

  it("does not stand for the answer of a server of another form", async () => {
    const [first, second] = await serversOfTwoForms()
    await first("PUT", {}, "one")
    const shown = tagOf(await first("GET"))
    assert.strictEqual((await first("GET", { "If-None-Match": shown })).status, 304)
    assert.strictEqual((await second("GET", { "If-None-Match": shown })).status, 200)
  })
})
