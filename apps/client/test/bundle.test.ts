import { fileURLToPath } from "node:url"
import { createContext, runInContext } from "node:vm"
import { build } from "esbuild"
import { assert, describe, it } from "vitest"
import { badServer, listOf, sendJson, TOKEN } from "./badServer.ts"

/**
 * How many bytes a page loads for the client, at most: minified, in as many files
 * as a bundler makes of it, before compression (which leaves a third). Nearly all
 * of them are the runtime and the schemas of Effect, which a page that uses Effect has anyway.
 */
const LIMIT = 405_000

const split = async (entry: string) => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../dist/${entry}`, import.meta.url))],
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    outdir: "out",
    platform: "browser",
    format: "esm",
    logLevel: "silent"
  })
  return outputFiles.map(({ text }) => text)
}

const bundle = async (entry: string, external: Array<string> = []) => {
  const { outputFiles, metafile, warnings } = await build({
    entryPoints: [fileURLToPath(new URL(`../dist/${entry}`, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "iife",
    globalName: "client",
    external,
    logLevel: "silent"
  })
  const [output] = outputFiles
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports)
  return { code: output?.text ?? "", imports, inputs: Object.keys(metafile.inputs), warnings }
}

describe("bundled for the browser", () => {
  for (const entry of ["index.js", "effect.js"]) {
    it(`${entry} has everything in it, nothing of Node, and keeps to its size`, async () => {
      const { imports, inputs, warnings } = await bundle(entry)
      assert.deepEqual(warnings, [])
      assert.deepEqual(
        imports.filter(({ external }) => external === true),
        []
      )
      assert.deepEqual(
        inputs.filter((path) => path.includes("platform-node") || path.includes("apps/server")),
        []
      )
      assert.isBelow((await split(entry)).join("").length, LIMIT)
    })
  }

  const webContext = (more: object = {}) =>
    createContext({
      ...more,
      AbortController,
      AbortSignal,
      clearInterval,
      clearTimeout,
      fetch,
      FormData,
      performance,
      queueMicrotask,
      ReadableStream,
      Response,
      setInterval,
      setTimeout,
      TextDecoder,
      TextEncoder,
      URL,
      URLSearchParams
    })

  it("index.js runs where there is nothing but the Web's own names", async () => {
    await using server = await badServer(sendJson(200, listOf(["a"], "?marker=m")), sendJson(200, listOf(["b"])))
    const { code } = await bundle("index.js")
    const page = webContext()
    const script = `${code}
      client.createClient({ url: ${JSON.stringify(server.url)}, account: "1234", token: ${JSON.stringify(TOKEN)} })
        .backups.list({ datastore: "mysql" }).toArray({ max: 5 })
        .then((backups) => backups.map(({ id }) => id).join())`
    assert.strictEqual(await runInContext(script, page), "a,b")
    assert.lengthOf(server.seen, 2)
  })

  it("index.js in parts says in a service worker, which loads none later, what to do, and does not try it again", async () => {
    const { code } = await bundle("index.js", ["*/catalogApi.js"])
    const script = `${code}
      Object.defineProperty(ServiceWorkerGlobalScope, Symbol.hasInstance, { value: () => true })
      client.createClient({ url: "http://127.0.0.1:1", account: "1234", token: ${JSON.stringify(TOKEN)}, retries: 20 })
        .backups.get("a").catch((error) => [error.name, error.message].join(": "))`
    const begun = performance.now()
    assert.match(
      await runInContext(script, webContext({ ServiceWorkerGlobalScope: class {} })),
      /^BadRequest: Nothing was asked: a service worker loads no part of this client later; /
    )
    assert.isBelow(performance.now() - begun, 5_000)
  })
})
