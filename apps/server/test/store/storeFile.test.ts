import { renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { assert, describe, it, onTestFinished } from "vitest"
import { prepare, start, temporaryFolder } from "../support/server.ts"
import { get } from "../support/socket.ts"

const write = (url: string, path: string, init: RequestInit) =>
  fetch(`${url}/v1.0/1234/${path}`, {
    ...init,
    headers: { "X-Auth-Token": "good", "Content-Type": "application/json", ...init.headers }
  })

const put = (url: string, id: string) =>
  write(url, `backups/${id}`, {
    method: "PUT",
    body: JSON.stringify({
      backup: { name: "n", status: "COMPLETED", created: "2026-01-02T03:04:05", updated: "2026-01-02T03:04:05" }
    })
  })

const importOne = (url: string) =>
  write(url, "imports?source=a&mode=merge", {
    method: "POST",
    headers: { "Content-Type": "application/x-ndjson" },
    body: '{"id":"c","name":"n","status":"COMPLETED","created":"2026-01-02T03:04:05","updated":"2026-01-02T03:04:05"}'
  })

const list = (url: string) => get(url, "/v1.0/1234/backups", "good")

const served = async () => {
  const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
  await prepare(`sqlite:${path}`, {}, { good: { account: "1234" } })
  const [url, stop] = await start({ store: `sqlite:${path}` })
  onTestFinished(stop)
  assert.strictEqual((await put(url, "a")).status, 201)
  // Remembered from the second time on.
  for (const _ of [1, 2, 3]) assert.strictEqual((await list(url)).status, 200)
  return { path, url, stop }
}

/** Nothing is taken into the file that is gone, and nothing read from it for longer than a second. */
const assertGone = async (url: string) => {
  assert.strictEqual((await put(url, "b")).status, 503)
  assert.strictEqual((await importOne(url)).status, 503)
  await setTimeout(1100)
  for (const _ of [1, 2]) assert.strictEqual((await list(url)).status, 503)
  assert.strictEqual((await get(url, "/readyz")).status, 503)
}

describe("the file of a store", () => {
  it("that was removed is 503 until it is back", async () => {
    const { path, url } = await served()
    const files = ["", "-wal", "-shm"].map((end) => path + end)
    for (const file of files) renameSync(file, `${file}.away`)
    await assertGone(url)
    for (const file of files) renameSync(`${file}.away`, file)
    assert.strictEqual((await put(url, "b")).status, 201)
    assert.include((await list(url)).body, '"id":"b"')
    assert.notInclude((await list(url)).body, '"id":"c"')
    assert.strictEqual((await get(url, "/readyz")).status, 200)
  })

  it.each(["-wal", "-shm"])("that has lost its %s is 503, and nothing that was told before is lost", async (end) => {
    const { path, url, stop } = await served()
    rmSync(path + end)
    await assertGone(url)
    await stop()
    const [again, stopAgain] = await start({ store: `sqlite:${path}` })
    onTestFinished(stopAgain)
    const { body } = await list(again)
    assert.deepEqual(
      JSON.parse(body).backups.map(({ id }: { id: string }) => id),
      ["a"]
    )
  })

  it("in whose place another one was put is 503", async () => {
    const { path, url } = await served()
    await prepare(`sqlite:${path}.copy`, {}, { good: { account: "1234" } })
    for (const end of ["-wal", "-shm"]) rmSync(path + end, { force: true })
    renameSync(`${path}.copy`, path)
    await assertGone(url)
  })
})
