import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import { badServer, listOf, sendJson, TOKEN } from "./badServer.ts"

// What Node resolves by itself, since Vitest takes the sources.
const cwd = fileURLToPath(new URL("..", import.meta.url))

const run = (script: string, env: NodeJS.ProcessEnv = {}): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"]
    })
    let said = ""
    child.stdout.on("data", (text) => {
      said += text
    })
    child.on("close", (code) => (code === 0 ? resolve(JSON.parse(said)) : reject(new Error(`it ended with ${code}`))))
  })

/** The files that a script loads. */
const loadedBy = (script: string): ReadonlyArray<string> => {
  const folder = mkdtempSync(join(tmpdir(), "backups-client-"))
  try {
    execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd,
      env: { ...process.env, NODE_V8_COVERAGE: folder }
    })
    const scripts = readdirSync(folder).flatMap(
      (name): ReadonlyArray<{ url: string }> => JSON.parse(readFileSync(join(folder, name), "utf8")).result
    )
    return scripts.flatMap(({ url }) => (/^file:.*js$/.test(url) ? [url] : []))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("what Node loads", () => {
  it("is a few files, and no package", () => {
    const loaded = loadedBy('await import("@backup-catalog/client")')
    assert.isAtMost(loaded.length, 3)
    assert.isNotEmpty(loaded)
    for (const url of loaded) assert.include(url, "/dist/node/")
  })

  it("lists, shows, and fails with the classes of core and of the other entries as well as with its own", async () => {
    const notFound = { itemNotFound: { code: 404, message: "There is no such backup." } }
    await using server = await badServer(
      sendJson(200, listOf(["a"], "?marker=m")),
      sendJson(200, listOf(["b"])),
      sendJson(404, notFound)
    )
    const script = `
      import { createClient, InvalidOption, ItemNotFound, isFault } from "@backup-catalog/client"
      import { signIn } from "@backup-catalog/client/keystone"
      import * as core from "@backup-catalog/core"
      const client = createClient({ url: process.env.AT, account: "1234", token: process.env.TOKEN })
      const ids = (await client.backups.list().toArray({ max: 5 })).map(({ id }) => id)
      const error = await client.backups.get("c").catch((error) => error)
      const invalid = await signIn({}, { env: {}, home: "/nowhere" }).catch((error) => error)
      console.log(JSON.stringify({
        ids,
        isCopy: ItemNotFound !== core.ItemNotFound,
        is: [ItemNotFound, core.ItemNotFound, core.Forbidden].map((Class) => error instanceof Class),
        isFault: [isFault(error), core.isFault(error)],
        isInvalid: invalid instanceof InvalidOption,
        message: error.message
      }))`
    assert.deepStrictEqual(await run(script, { AT: server.url, TOKEN }), {
      ids: ["a", "b"],
      isCopy: true,
      is: [true, true, false],
      isFault: [true, true],
      isInvalid: true,
      message: "There is no such backup."
    })
  })

  it("has the licenses of what is in it", () => {
    const text = readFileSync(new URL("../dist/node/licenses.txt", import.meta.url), "utf8")
    for (const name of ["effect", "@effect/platform"]) assert.match(text, new RegExp(`^${name} [0-9.]+: `, "m"))
    assert.include(text, "Permission is hereby granted")
  })
})
