import { readFileSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import { assert, describe, it, onTestFinished } from "vitest"
import { start, temporaryFolder } from "../support/server.ts"
import { get } from "../support/socket.ts"

const dist = new URL("../../dist/", import.meta.url)

const imported = (file: string, known: Set<string>): Set<string> => {
  if (known.has(file)) return known
  known.add(file)
  for (const [, name = ""] of readFileSync(new URL(file, dist), "utf8").matchAll(/(?:from|import)"(\.\/[^"]+)"/g)) {
    imported(name, known)
  }
  return known
}

const served = async () => {
  const store = `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`
  const [url, stop] = await start({ store })
  onTestFinished(stop)
  return url
}

describe("the document of the API and its page", () => {
  it("are there also for who asks while another has gone away", async () => {
    const url = await served()
    const first = request(`${url}/docs`)
    first.on("error", () => {})
    first.end()
    await new Promise((resolve) => first.once("socket", (socket) => socket.once("connect", resolve)))
    await new Promise((resolve) => setImmediate(resolve))
    first.destroy()
    const [page, document, again] = await Promise.all([get(url, "/docs"), get(url, "/openapi.json"), get(url, "/docs")])
    assert.deepStrictEqual([page.status, document.status, again.status], [200, 200, 200])
    assert.include(page.body, "SwaggerUIBundle(")
    assert.strictEqual(again.body, page.body)
    assert.property(JSON.parse(document.body).paths, "/v1.0/{accountId}/backups")
  })

  it("are not read by a server that nobody asks for them", () => {
    const atStart = [...imported("./main.js", new Set())]
    assert.isAbove(atStart.length, 1)
    for (const file of atStart) assert.notInclude(readFileSync(new URL(file, dist), "utf8"), "SwaggerUIBundle", file)
  })
})
