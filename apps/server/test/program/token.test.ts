import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import Database from "better-sqlite3"
import { assert, describe, it, onTestFinished } from "vitest"
import { runInShell, runProgram } from "../support/program.ts"
import { temporaryFolder } from "../support/server.ts"
import { get } from "../support/socket.ts"
import { freshStore, serve } from "./support.ts"

describe("token", () => {
  it("is printed once with nothing else, kept only as a hash, listed by a name, and revoked at once", async () => {
    const store = freshStore()
    const created = await runProgram([
      "token",
      "create",
      "--account",
      "acme",
      "--role",
      "reader",
      "--expires",
      "30d",
      "--store",
      store
    ])
    assert.match(created.stdout, /^bct_[A-Za-z0-9_-]{43}\n$/)
    assert.strictEqual(created.stderr, "")
    const token = created.stdout.trim()
    const { url } = await serve(["--store", store])
    assert.strictEqual((await get(url, "/v1.0/acme/backups", token)).status, 200)
    assert.strictEqual((await get(url, "/v1.0/other/backups", token)).status, 403)
    const file = Buffer.concat(["", "-wal"].map((suffix) => readFileSync(`${store.slice(7)}${suffix}`)))
    assert.isFalse(file.includes(token))
    const listed = await runProgram(["token", "list", "--store", store])
    const name = /^([0-9a-f]{12}) {2}acme +reader /m.exec(listed.stdout)?.[1]
    assert.isDefined(name)
    assert.strictEqual((await runProgram(["token", "revoke", name ?? "", "--store", store])).code, 0)
    assert.strictEqual((await get(url, "/v1.0/acme/backups", token)).status, 401)
    assert.strictEqual((await runProgram(["token", "revoke", name ?? "", "--store", store])).code, 1)
  })

  it("is revoked again where it cannot be printed", async () => {
    const store = freshStore()
    const create = `token create --account a --store ${store}`
    const full = await runInShell(`${create} > /dev/full`)
    assert.strictEqual(full.code, 1)
    assert.match(full.stderr, /^The token cannot be printed \(ENOSPC.*\), so it was revoked again\.\n$/)
    const closed = await runInShell(`${create} | true`)
    assert.match(closed.stderr, /^The token cannot be printed \(.*EPIPE.*\), so it was revoked again\.\n$/)
    const { stdout } = await runProgram(["token", "list", "--store", store])
    assert.lengthOf(stdout.trim().split("\n"), 1)
  })

  it("is not looked for where there is no store, nor in a database of another program", async () => {
    const folder = temporaryFolder(onTestFinished)
    const typo = join(folder, "typo.sqlite")
    for (const args of [["list"], ["revoke", "0123456789ab"]]) {
      const { code, stderr } = await runProgram(["token", ...args, "--store", `sqlite:${typo}`])
      assert.strictEqual(code, 1)
      assert.strictEqual(stderr.trim(), `There is no store at ${typo}; --store says where it is.`)
      assert.isFalse(existsSync(typo))
    }
    for (const [args, env, name] of [
      [["token", "list"], { CATALOG_STORE: `sqlite:${typo}` }, "CATALOG_STORE"],
      [["copy", "--from", `sqlite:${typo}`, "--to", "postgres://a@b/c"], {}, "--from"]
    ] as const) {
      const { code, stderr } = await runProgram(args, undefined, env)
      assert.deepStrictEqual([code, stderr], [1, `There is no store at ${typo}; ${name} says where it is.\n`])
    }
    const foreign = join(folder, "foreign.sqlite")
    const database = new Database(foreign)
    database.exec("CREATE TABLE backups (a)")
    database.close()
    const before = readFileSync(foreign)
    const { code, stderr } = await runProgram(["token", "create", "--account", "a", "--store", `sqlite:${foreign}`])
    assert.strictEqual(code, 1)
    assert.strictEqual(stderr.trim(), `The store ${foreign} cannot be opened: it is a database of another program.`)
    assert.isTrue(before.equals(readFileSync(foreign)))
  })

  it("stops being good when it expires", async () => {
    const store = freshStore()
    const { stdout } = await runProgram(["token", "create", "--account", "acme", "--expires", "30d", "--store", store])
    const { url } = await serve(["--store", store])
    assert.strictEqual((await get(url, "/v1.0/acme/backups", stdout.trim())).status, 200)
    const database = new Database(store.slice("sqlite:".length))
    const month = 30 * 86_400_000_000
    assert.strictEqual(database.prepare("UPDATE tokens SET expires = expires - ?").run(month).changes, 1)
    database.close()
    assert.strictEqual((await get(url, "/v1.0/acme/backups", stdout.trim())).status, 401)
  })

  it("refuses what it cannot make", async () => {
    for (const [args, message] of [
      [["--account", "a b"], /--account must have 1 to 255 characters/],
      [["--account", "a", "--role", "king"], /reader/],
      [["--account", "a", "--expires", "never"], /--expires must be a duration/],
      [["--account", "a", "--expires", "0s"], /--expires must be a duration from 1s/],
      [["--account", "a", "--expires", "99999999d"], /--expires must be a duration from 1s to 36500d/],
      [[], /--account/]
    ] as const) {
      const { code, stderr, stdout } = await runProgram(["token", "create", "--store", freshStore(), ...args])
      assert.strictEqual(code, 2)
      assert.match(stderr, message)
      assert.strictEqual(stdout, "")
    }
  })
})
