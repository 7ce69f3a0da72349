import type { IncomingHttpHeaders } from "node:http"
import { assert, describe, it } from "vitest"
import { backups } from "./support/backups.ts"
import { record, withServer } from "./support/servers.ts"

describe("TRACEPARENT", () => {
  it("is sent along, where it is a traceparent", async () => {
    const given = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`
    const seen: Array<IncomingHttpHeaders> = []
    await withServer(
      ({ headers }, response) => {
        seen.push(headers)
        response.setHeader("Content-Type", "application/json").end(JSON.stringify({ backups: [record({})] }))
      },
      async (env) => {
        for (const TRACEPARENT of [given, "", "none", `${given}\n`]) {
          const { code, stderr } = await backups(["list"], { ...env, TRACEPARENT })
          assert.strictEqual(code, 0, stderr)
        }
      }
    )
    assert.deepEqual(
      seen.map(({ traceparent }) => traceparent),
      [given, undefined, undefined, undefined]
    )
  })
})
