import { execFileSync, spawn, spawnSync } from "node:child_process"
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
    child.on("close", (code) => {
      try {
        resolve(JSON.parse(said))
      } catch {
        reject(new Error(`it ended with ${code}, and said ${said}`))
      }
    })
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

  it("has nothing in common with the Effect of the program, which may be another version, but what is redacted", async () => {
    await using server = await badServer(sendJson(200, listOf(["a"])))
    const script = `
      import { setCurrentVersion } from "effect/ModuleVersion"
      setCurrentVersion("3.99.0")
      const { ConfigProvider, Config, Context, Duration, Effect, Redacted } = await import("effect")
      const { Forbidden } = await import("@backup-catalog/core")
      const { createClient } = await import("@backup-catalog/client")
      const token = process.env.TOKEN
      const Vault = Context.GenericTag("Vault")
      const vault = Effect.provideService(Vault, Vault, Redacted.make(token))
      const configured = Effect.withConfigProvider(Config.redacted("T"), ConfigProvider.fromMap(new Map([["T", token]])))
      const waited = Effect.as(Effect.sleep(1), token)
      const refused = new Forbidden({ message: "The vault is closed." })
      const got = []
      const failing = () => { throw refused }
      const tokens = [token, Redacted.make(token), () => Redacted.make(token), vault, configured, waited, failing, refused]
      for (const given of tokens) {
        const client = createClient({ url: process.env.AT, account: "1234", token: given, timeout: Duration.seconds(20) })
        got.push(await client.backups.list().page().then(({ backups }) => backups.length, (error) => error instanceof Forbidden && error.message))
      }
      await Effect.runPromise(Effect.andThen(Effect.sleep(1), Effect.timed(Effect.yieldNow())))
      console.log(JSON.stringify(got))`
    assert.deepStrictEqual(await run(script, { AT: server.url, TOKEN }), [
      1,
      1,
      1,
      1,
      1,
      1,
      "The vault is closed.",
      "The vault is closed."
    ])
    assert.isTrue(server.seen.every(({ headers }) => headers["x-auth-token"] === TOKEN))
  })

  it("does not warn in a program that loads its Effect later", async () => {
    const script = `
      await import("@backup-catalog/client")
      const { setCurrentVersion } = await import("effect/ModuleVersion")
      setCurrentVersion("3.99.0")
      const Effect = await import("effect/Effect")
      await Effect.runPromise(Effect.timeout(Effect.sleep(1), 1000))
      console.log(1)`
    assert.strictEqual(await run(script), 1)
  })

  it("ends the Effect that gives the token with the request", async () => {
    const script = `
      import { Effect } from "effect"
      import { createClient } from "@backup-catalog/client"
      let token
      const stop = new AbortController()
      const ended = new Promise((resolve) => {
        token = Effect.onInterrupt(
          Effect.zipRight(Effect.sync(() => stop.abort("enough")), Effect.never),
          () => Effect.sync(() => resolve("ended"))
        )
      })
      const client = createClient({ url: "http://127.0.0.1:1", account: "1234", token })
      const reason = await client.backups.get("a", { signal: stop.signal }).catch((error) => error)
      console.log(JSON.stringify([reason, await ended]))`
    assert.deepStrictEqual(await run(script), ["enough", "ended"])
  })

  it("has classes of errors with their own names", async () => {
    const script = `
      import * as client from "@backup-catalog/client"
      const classes = Object.entries(client).filter(([, value]) => value.prototype instanceof Error)
      console.log(JSON.stringify(classes.map(([name, Class]) => [name, Class.name])))`
    const names = (await run(script)) as ReadonlyArray<readonly [string, string]>
    assert.isAtLeast(names.length, 17)
    for (const [exported, name] of names) assert.strictEqual(name, exported)
  })

  it("shows of an error that nothing catches where it was thrown, in lines that a person can read", () => {
    const script = `
      import { createClient } from "@backup-catalog/client"
      await createClient({ url: "http://127.0.0.1:1", account: "1234", token: "t", retries: 0 }).backups.get("a")`
    const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { cwd, encoding: "utf8" })
    assert.include(stderr, "ConnectionFailed: http://127.0.0.1:1 cannot be reached")
    for (const line of stderr.split("\n")) assert.isBelow(line.length, 300)
  })

  it("has the licenses of what is in it", () => {
    const text = readFileSync(new URL("../dist/node/licenses.txt", import.meta.url), "utf8")
    for (const name of ["effect", "@effect/platform"]) assert.match(text, new RegExp(`^${name} [0-9.]+: `, "m"))
    assert.include(text, "Permission is hereby granted")
  })
})
