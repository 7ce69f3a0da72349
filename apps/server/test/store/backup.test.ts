import { chmodSync, copyFileSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import Database from "better-sqlite3"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { lines, record } from "../imports/support/ImportServer.ts"
import { counts, filled } from "../support/filledStore.ts"
import { ended, runProgram, runUnprivileged, spawnProgram } from "../support/program.ts"
import { temporaryFolder } from "../support/server.ts"

/** A store that takes a while to copy, with a connection to it, and what there is of its copy. */
const large = async (bytes: number) => {
  const folder = temporaryFolder(onTestFinished)
  const [path, target] = [join(folder, "catalog.sqlite"), join(folder, "copy.sqlite")]
  await runProgram(["migrate", "--store", `sqlite:${path}`])
  const writer = new Database(path)
  writer.exec(`CREATE TABLE much (bytes BLOB); INSERT INTO much SELECT zeroblob(${bytes})`)
  const copies = () => readdirSync(folder).filter((name) => name.startsWith("copy"))
  return { path, target, writer, copies }
}

describe("backup", () => {
  it("copies a store into one file while it is written, and the file is a store", async () => {
    const { server, store } = await filled()
    const target = join(temporaryFolder(onTestFinished), "copy.sqlite")
    const importing = server.import("source=other", lines(...Array.from({ length: 5000 }, (_, n) => record(`o${n}`))))
    const copied = await runProgram(["backup", "--store", store, target])
    assert.strictEqual(copied.code, 0, copied.stderr)
    assert.strictEqual(copied.stdout, `The store is copied to ${target}.\n`)
    assert.strictEqual((await importing).status, 200)
    const copy = new Database(target, { readonly: true })
    assert.strictEqual(copy.prepare("SELECT count(*) FROM backups WHERE id LIKE 'b%'").pluck().get(), 2399)
    copy.close()
    assert.strictEqual((await runProgram(["verify", "--store", `sqlite:${target}`])).code, 0)
    const again = await runProgram(["backup", "--store", store, target])
    assert.strictEqual(again.code, 2)
    assert.strictEqual(again.stderr, `There is a file ${target} already; a copy never replaces one.\n`)
  })

  it.each(["600", "640"])("may be read by whom the store may be read, from its first byte on: %s", async (octal) => {
    const mode = Number.parseInt(octal, 8)
    const { path, target, writer, copies } = await large(100_000_000)
    writer.close()
    chmodSync(path, mode)
    const child = spawnProgram(["backup", "--store", `sqlite:${path}`, target])
    const copied = ended(child)
    const seen = new Set<number>()
    while (child.exitCode === null) {
      for (const name of copies()) {
        const found = statSync(join(dirname(target), name), { throwIfNoEntry: false })
        if (found !== undefined) seen.add(found.mode & 0o777)
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    assert.strictEqual((await copied).code, 0)
    assert.deepStrictEqual([...seen], [mode])
  })

  it("comes to its end while others write all the time", async () => {
    const { path, target, writer, copies } = await large(100_000_000)
    writer.pragma("synchronous = OFF")
    const note = writer.prepare("INSERT INTO accounts (account, version) VALUES (?, 1)")
    let written = 0
    const writing = setInterval(() => note.run(`a${written++}`), 2)
    onTestFinished(() => {
      clearInterval(writing)
      writer.close()
    })
    const child = spawnProgram(["backup", "--store", `sqlite:${path}`, target])
    const tooLong = setTimeout(() => child.kill("SIGKILL"), 30_000)
    const copied = await ended(child)
    clearTimeout(tooLong)
    assert.strictEqual(copied.code, 0, copied.stderr)
    assert.deepStrictEqual(copies(), ["copy.sqlite"])
    const copy = new Database(target, { readonly: true })
    assert.isBelow(copy.prepare<[], number>("SELECT count(*) FROM accounts").pluck().get() ?? 0, written)
    copy.close()
  })

  it("leaves nothing behind when it is cut short", async () => {
    const { path, target, writer, copies } = await large(300_000_000)
    writer.close()
    const child = spawnProgram(["backup", "--store", `sqlite:${path}`, target])
    const all = ended(child)
    await eventually("the copy has begun", (see) => see(copies()).length > 0 || child.exitCode !== null)
    child.kill("SIGTERM")
    assert.strictEqual((await all).code, 130)
    assert.deepStrictEqual(copies(), [])
  })

  it("removes what killed ones have left beside it, and nothing that another one still works on", async () => {
    const { path, target, writer, copies } = await large(300_000_000)
    writer.close()
    const args = ["backup", "--store", `sqlite:${path}`]
    const working = () => copies().filter((name) => name.endsWith(".unfinished"))
    const killed = spawnProgram([...args, `${target}.yesterday`])
    const end = ended(killed)
    await eventually("a copy is being written", (see) => see(copies()).some((name) => name.endsWith("-journal")))
    killed.kill("SIGKILL")
    await end
    const left = working()
    assert.lengthOf(left, 1)
    const long = new Date(Date.now() - 3_600_000)
    const age = () => {
      for (const name of copies()) utimesSync(join(dirname(target), name), long, long)
    }
    age()
    const other = spawnProgram([...args, `${target}.other`])
    const otherEnd = ended(other)
    await eventually("the other copy is being written", (see) =>
      see(copies()).some((name) => name.includes(".other.") && name.endsWith("-journal"))
    )
    other.kill("SIGSTOP")
    assert.notInclude(working(), left[0])
    age()
    const { code, stderr } = await runProgram([...args, target])
    assert.strictEqual(code, 0, stderr)
    other.kill("SIGCONT")
    const { code: otherCode, stderr: said } = await otherEnd
    assert.strictEqual(otherCode, 0, said)
    assert.strictEqual(
      said,
      `Removed ${join(dirname(target), String(left[0]))}, which a backup that was killed had left.\n`
    )
    assert.sameMembers(copies(), ["copy.sqlite", "copy.sqlite.other"])
  })

  it("removes nothing that is no copy of a catalog, whatever it is called and however old it is", async () => {
    const { path, target, writer } = await large(1000)
    writer.close()
    const name = (of: string) => join(dirname(target), `${of}.0f0e0d0c-1234-4321-8888-0123456789ab.unfinished`)
    writeFileSync(name("notes"), "What I wanted to write.\n")
    writeFileSync(name("empty"), "")
    writeFileSync(name("journal"), "")
    writeFileSync(`${name("journal")}-journal`, "Dear diary\n")
    mkdirSync(name("folder"))
    const other = new Database(name("other"))
    other.exec("CREATE TABLE mine (a)")
    other.close()
    const all = () => readdirSync(dirname(target)).filter((one) => one.includes(".unfinished"))
    const before = all()
    const long = new Date(Date.now() - 3_600_000)
    for (const one of before) utimesSync(join(dirname(target), one), long, long)
    const { code, stderr } = await runProgram(["backup", "--store", `sqlite:${path}`, target])
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.sameMembers(all(), before)
  })

  it("removes a copy that was complete but had not its name yet, and one of which nothing was written", async () => {
    const { path, target, writer, copies } = await large(1000)
    writer.close()
    const name = (digit: number) => `${target}.0f0e0d0c-1234-4321-8888-01234567890${digit}.unfinished`
    copyFileSync(path, name(1))
    writeFileSync(name(2), "")
    writeFileSync(`${name(2)}-journal`, Buffer.alloc(512))
    const long = new Date(Date.now() - 3_600_000)
    for (const one of copies()) utimesSync(join(dirname(target), one), long, long)
    const { code, stderr } = await runProgram(["backup", "--store", `sqlite:${path}`, target])
    assert.deepStrictEqual([code, stderr.split("Removed ").length - 1], [0, 2], stderr)
    assert.deepStrictEqual(copies(), ["copy.sqlite"])
  })

  it("says what is wrong with a folder that is none", async () => {
    const { path, writer } = await large(1000)
    writer.close()
    const { code, stderr } = await runProgram(["backup", "--store", `sqlite:${path}`, join(path, "copy.sqlite")])
    assert.strictEqual(code, 1)
    assert.match(stderr, /^The copy .* cannot be made: not a directory\.\n$/)
    const nowhere = join(dirname(path), "nowhere")
    const none = await runProgram(["backup", "--store", `sqlite:${path}`, join(nowhere, "copy.sqlite")])
    assert.deepStrictEqual([none.code, none.stderr], [1, `The folder ${nowhere} does not exist.\n`])
  })

  it("copies into a folder that cannot be listed", async () => {
    const { path, writer } = await large(1000)
    writer.close()
    const folder = temporaryFolder(onTestFinished)
    chmodSync(folder, 0o333)
    onTestFinished(() => chmodSync(folder, 0o777))
    const { code, stderr } = await runUnprivileged(["backup", "--store", `sqlite:${path}`, join(folder, "copy.sqlite")])
    assert.deepStrictEqual([code, stderr], [0, ""])
  })

  it("takes no option that it does not know for a file", async () => {
    for (const [option, said] of [
      ["--bogus", "The option --bogus is not known; a file whose name begins with - is written ./--bogus."],
      ["-", "A copy goes into a file, not to -; a file of that name is written ./-."]
    ] as const) {
      const { code, stderr } = await runProgram(["backup", option])
      assert.strictEqual(code, 2)
      assert.include(stderr, said)
    }
  })

  it("leaves PostgreSQL to its own tools", async () => {
    const { code, stderr } = await runProgram(["backup", "--store", "postgres://a@localhost/b", "x.sqlite"])
    assert.strictEqual(code, 2)
    assert.match(stderr, /pg_dump/)
  })
})

describe("migrate", () => {
  it("makes a store", async () => {
    const store = `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`
    const { code, stdout } = await runProgram(["migrate", "--store", store])
    assert.strictEqual(code, 0)
    assert.strictEqual(stdout, "The store is there, and its schema is up to date.\n")
    assert.deepInclude(counts((await runProgram(["verify", "--store", store])).stdout), { backups: "0", tokens: "0" })
  })
})
