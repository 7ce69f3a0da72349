import { execFileSync } from "node:child_process"
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { dirname, join } from "node:path"
import { assert, describe, it } from "vitest"
import { cleanEnv, type Env, main } from "./support/backups.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"

const run = (args: ReadonlyArray<string>, env: Env = {}): string =>
  execFileSync(process.execPath, args, { env: cleanEnv(env), encoding: "utf8" })

const version = run([main, "version"])

const copied = () => {
  const folder = temporaryFolder()
  cpSync(dirname(main), folder, { recursive: true })
  const compiled = `backups-${process.version}-${process.platform}-${process.arch}.v8`
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

  describe("with a Node that did not build it, and keeps what it compiles", () => {
    const { main: program, compiled } = copied()
    rmSync(compiled)
    // What Node 22 and later have.
    const later = 'require("node:module").enableCompileCache = (folder) => console.log("kept in " + folder)'
    const preloaded = join(temporaryFolder({ "later.cjs": later }), "later.cjs")
    const ranWith = (cache: string) => run(["-r", preloaded, program, "version"], { XDG_CACHE_HOME: cache })

    it("is kept in a folder that is the user's alone", () => {
      const cache = temporaryFolder()
      const folder = join(cache, "backups")
      assert.strictEqual(ranWith(cache), `kept in ${folder}\n${version}`)
      assert.strictEqual(statSync(folder).mode & 0o777, 0o700)
      assert.strictEqual(ranWith(cache), `kept in ${folder}\n${version}`)
    })

    it("is kept nowhere else: not where others can write, nor where a link leads, nor in a folder that cannot be", () => {
      const open = temporaryFolder()
      mkdirSync(join(open, "backups"))
      chmodSync(join(open, "backups"), 0o777)
      const linked = temporaryFolder()
      symlinkSync(temporaryFolder(), join(linked, "backups"))
      for (const cache of [open, linked, join(open, "missing")]) assert.strictEqual(ranWith(cache), version)
    })

    it("is kept nowhere, and the program runs, where there is no home, or none that can be entered", () => {
      const homeless = 'require("node:os").homedir = () => { throw new Error("there is none") }'
      const without = join(temporaryFolder({ "homeless.cjs": homeless }), "homeless.cjs")
      const cwd = temporaryFolder()
      const ranIn = (env: Env, ...more: ReadonlyArray<string>): string =>
        execFileSync(process.execPath, ["-r", preloaded, ...more, program, "version"], {
          env: cleanEnv(env),
          cwd,
          encoding: "utf8"
        })
      for (const HOME of ["/dev/null", "", "."]) assert.strictEqual(ranIn({ HOME }), version, HOME)
      assert.strictEqual(ranIn({ HOME: ".", XDG_CACHE_HOME: "cache" }), version)
      assert.strictEqual(ranIn({}, "-r", without), version)
      assert.isEmpty(readdirSync(cwd))
    })
  })
})
