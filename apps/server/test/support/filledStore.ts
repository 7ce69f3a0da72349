import { assert, onTestFinished } from "vitest"
import { record, type ImportServer as Server, startImportServer } from "../imports/support/ImportServer.ts"

const SNAPSHOT = "source=pg&mode=snapshot"

/** A store that has something in every table. */
export const filled = async (): Promise<{ readonly server: Server; readonly store: string }> => {
  const server = await startImportServer(onTestFinished)
  const some = Array.from({ length: 2500 }, (_, n) =>
    record(`b${n}`, { instance_id: `i${n % 7}`, ...(n % 3 === 0 && n > 0 ? { parent_id: `b${n - 1}` } : {}) })
  )
  await server.imported(SNAPSHOT, ...some.map((one) => ({ ...one, native_id: `n${one.id}` })))
  await server.imported(SNAPSHOT, ...some.slice(0, 2400))
  const odd = { type: "MySQL", version: "8\u0000\u0001", version_id: "v\u0000\u0001" }
  assert.strictEqual((await server.put("odd-ünï-😀", { name: "a\u0000b", datastore: odd })).status, 201)
  assert.strictEqual((await server.put("b1", { name: "renamed" })).status, 200)
  assert.strictEqual((await server.delete("b2399")).status, 202)
  await server.ask("PUT", "/policy", {
    headers: { "Content-Type": "application/json" },
    body: '{"policy":{"max_age":"77h","metrics":true}}'
  })
  return { server, store: server.kept.address }
}

const LINE = /^([a-z]+) +([\d,]+) {2}([0-9a-f]{16})$/

export const counts = (stdout: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    stdout.split("\n").flatMap((line) => {
      const [, name, count] = LINE.exec(line) ?? []
      return name === undefined ? [] : [[name, count ?? ""]]
    })
  )
