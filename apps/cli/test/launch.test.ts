import { execFileSync } from "node:child_process"
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, describe, it } from "vitest"
import { cleanEnv, main } from "./support/backups.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"

const run = (args: ReadonlyArray<string>): string =>
  execFileSync(process.execPath, args, { env: cleanEnv({}), encoding: "utf8" })

const version = run([main, "version"])

const copied = () => {
  const folder = temporaryFolder()
  cpSync(dirname(main), folder, { recursive: true })
  const compiled = readdirSync(folder).find((name) => name.endsWith(".v8")) ?? "none"
  return { main: join(folder, "main.js"), compiled: join(folder, compiled) }
}

describe("the program as V8 has compiled it", () => {
  it("is taken by the Node that built it", () => {
    const isRejected = `console.log(require(${JSON.stringify(main)}).cachedDataRejected)`
    assert.strictEqual(run(["-e", isRejected, main, "version"]), `false\n${version}`)
  })

  it("is not needed: without it, or where it is cut short or of another V8, the program does the same", () => {
    const { main, compiled } = copied()
    const whole = readFileSync(compiled)
    writeFileSync(compiled, whole.subarray(0, whole.length / 2))
    assert.strictEqual(run([main, "version"]), version)
    writeFileSync(compiled, "of something else")
    assert.strictEqual(run([main, "version"]), version)
    rmSync(compiled)
    assert.strictEqual(run([main, "version"]), version)
  })

  it("is not taken by a V8 with other flags, which runs the program all the same", () => {
    assert.strictEqual(run(["--no-flush-bytecode", main, "version"]), version)
  })
})
