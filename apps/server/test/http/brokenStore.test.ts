import { closeSync, openSync, statSync, writeSync } from "node:fs"
import { join } from "node:path"
import { BackupId, type Instant } from "@backup-catalog/core"
import { assert, describe, it } from "vitest"
import { prepare, start, temporaryFolder } from "../support/server.ts"
import { get } from "../support/socket.ts"
import { assertFault, plainBackup as backup } from "./assertFault.ts"

const list = "/v1.0/1234/backups"

describe("a store that breaks", () => {
  it("is 503 with Retry-After, also in readyz, while healthz is well", async () => {
    const ends: Array<() => void> = []
    const path = join(
      temporaryFolder((clean) => ends.push(clean)),
      "catalog.sqlite"
    )
    const backups = Array.from({ length: 20_000 }, (_, n) => ({
      ...backup,
      id: BackupId.make(`b${n}`),
      created: BigInt(n) as Instant
    }))
    await prepare(`sqlite:${path}`, { "1234": backups }, { good: { account: "1234" } })
    const [url, stop] = await start({ store: `sqlite:${path}` })
    assert.strictEqual((await get(url, list, "good")).status, 200)
    const file = openSync(path, "r+")
    writeSync(file, Buffer.alloc(statSync(path).size - 4096, 0xff), 0, undefined, 4096)
    closeSync(file)
    assertFault(await get(url, `${list}?marker=p1.5000.YQ`, "good"), 503, "serviceUnavailable", "list")
    assertFault(await get(url, "/readyz"), 503, "serviceUnavailable", "readyz")
    assert.strictEqual((await get(url, "/healthz")).status, 200)
    await stop()
    for (const end of ends) end()
  })
})
