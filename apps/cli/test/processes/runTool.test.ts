import { chmodSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { eventually } from "../../../../testing/eventually.ts"
import { runTool, type ToolLimits } from "../../src/processes/runTool.ts"
import { hasTerminal } from "../../src/processes/Subprocess.ts"
import { layer, Screen } from "../../src/terminal/Screen.ts"
import { gone } from "../support/gone.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"

const node = (script: string, ...args: ReadonlyArray<string>) => [process.execPath, "-e", script, ...args]

const screen = Effect.runSync(Effect.provide(Screen, layer(process)))

const running = (command: ReadonlyArray<string>, limits?: Partial<ToolLimits>) =>
  Effect.provideService(runTool(command, limits), Screen, screen)

const run = (command: ReadonlyArray<string>, limits?: Partial<ToolLimits>) =>
  Effect.runPromise(running(command, limits))

const refusal = async (command: ReadonlyArray<string>, limits?: Partial<ToolLimits>): Promise<string> => {
  const error = await Effect.runPromise(Effect.flip(running(command, limits)))
  assert.strictEqual(error._tag, "NotDone")
  return error.message.replace(process.execPath, "node")
}

describe("a tool that is run", { concurrent: true }, () => {
  it("gives the bytes that it prints, and what it says besides", async () => {
    const { bytes, stderr } = await run(
      node("process.stdout.write(Buffer.from([0, 255, 10, 195])); process.stderr.write('WARN: é\\n')")
    )
    assert.deepStrictEqual([...bytes], [0, 255, 10, 195])
    assert.strictEqual(stderr, "WARN: é\n")
  })

  it("gives more than a pipe holds, on both", async () => {
    const { bytes, stderr } = await run(
      node("process.stdout.write('x'.repeat(5e6)); process.stderr.write('y'.repeat(1e6))")
    )
    assert.deepStrictEqual([bytes.length, stderr.length], [5_000_000, 1_000_000])
  })

  it("is given its arguments as they are, by no shell", async () => {
    const folder = temporaryFolder()
    const args = [`$(touch ${folder}/made)`, "; exit 1", "a b", "*", "", "'\"\\"]
    const { bytes } = await run(node("console.log(JSON.stringify(process.argv.slice(1)))", ...args))
    assert.deepStrictEqual(JSON.parse(Buffer.from(bytes).toString()), args)
    assert.isFalse(existsSync(join(folder, "made")))
  })

  it("has nothing to read where nobody is at a terminal", async () => {
    const { bytes } = await run(node("process.stdin.on('data', () => {}).on('end', () => console.log('ended'))"))
    assert.strictEqual(Buffer.from(bytes).toString(), "ended\n")
  })

  it("is refused with its first words when it ends with anything but 0", async () => {
    const words = "\\n\\u001b[31mERROR: [055]: no\\u0007 stanza\\r\\n  HINT: \\u202ecreate it\\n\\nP00 INFO\\nfourth\\n"
    assert.strictEqual(
      await refusal(node(`process.stdout.write('[]'); process.stderr.write('${words}'); process.exitCode = 55`)),
      "node ended with 55 and said this: \\u001b[31mERROR: [055]: no\\u0007 stanza; HINT: \\u202ecreate it; P00 INFO"
    )
    const long = await refusal(node("process.stderr.write('x'.repeat(900)); process.exitCode = 1"))
    assert.strictEqual(long, `node ended with 1 and said this: ${"x".repeat(500)}…`)
  })

  it("is refused with what is wrong, behind what it tells of its doings and of where it was", async () => {
    const said = (text: string) => refusal(["sh", "-c", `printf '${text}' >&2; exit 1`])
    assert.strictEqual(
      await said(
        "INFO: 2026/11/23 18:00:00.1 List from storage\n2026-11-23 18:00:00.123 P00   INFO: begin\nERROR: denied\n"
      ),
      "sh ended with 1 and said this: ERROR: denied"
    )
    const ofSsh =
      "** WARNING: connection is not using a post-quantum key exchange algorithm.\n** This session may\n** The server\n"
    assert.strictEqual(
      await said(`Warning: Permanently added nas\n${ofSsh}bash: warning: setlocale: LC_ALL\nFatal: wrong password\n`),
      "sh ended with 1 and said this: Fatal: wrong password"
    )
    assert.strictEqual(
      await said(
        'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    main()\nOSError: no space\n'
      ),
      "sh ended with 1 and said this: OSError: no space"
    )
    assert.strictEqual(
      await said(
        "usage: \rNote: there is a version 2\n\nusage: aws [options]\n  aws help\naws: error: argument --output: no\n"
      ),
      "sh ended with 1 and said this: aws: error: argument --output: no"
    )
    // By Barman 3.4.
    assert.strictEqual(
      await said(
        "usage: barman show-backup [-h] server_name backup_id\nbarman show-backup: error: the following arguments are required: backup_id\n"
      ),
      "sh ended with 1 and said this: barman show-backup: error: the following arguments are required: backup_id"
    )
    assert.strictEqual(await said("usage: tool FILE\n"), "sh ended with 1 and said this: usage: tool FILE")
    assert.strictEqual(await said("INFO: nothing else\n"), "sh ended with 1 and said this: INFO: nothing else")
  })

  it("is refused with its answer where it says nothing besides", async () => {
    assert.strictEqual(
      await refusal(node(`console.log('{"_ERROR": ["Unknown server"]}'); process.exitCode = 1`)),
      'node ended with 1 and said this: {"_ERROR": ["Unknown server"]}'
    )
    assert.strictEqual(await refusal(node("process.exitCode = 2")), "node ended with 2 and said nothing")
  })

  it("is refused when a signal ends it", async () => {
    assert.strictEqual(
      await refusal(
        node("process.stderr.write('half'); process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1e6)")
      ),
      "node was ended by SIGTERM and said this: half"
    )
  })

  it("is refused where there is none, or none that can be started", async () => {
    const folder = temporaryFolder({ text: "no program", script: "#!/nowhere/sh\n" })
    chmodSync(join(folder, "script"), 0o755)
    assert.strictEqual(
      await refusal(["no-such-tool\u001b", "info"]),
      "There is no program no-such-tool\\u001b on this host: run this where it is, or give what it printed there as a file."
    )
    assert.include(await refusal([join(folder, "script")]), "There is no program ")
    assert.match(
      await refusal([join(folder, "text")]),
      /cannot be started: spawn .*EACCES; run it by itself to see why\.$/
    )
    assert.include(await refusal([join(folder, "text", "tool")]), "cannot be started: spawn ")
  })

  it("is ended when it takes too long", async () => {
    assert.strictEqual(
      await refusal(node("setInterval(() => {}, 1e6)"), { limitMs: 500 }),
      "node did not end within 0.5 seconds; run it by itself to see why."
    )
  })

  it.skipIf(hasTerminal())("is ended with what it has started, as by sudo, where there is no terminal", async () => {
    const folder = temporaryFolder()
    const started = (name: string) => join(folder, name)
    const starting = (name: string, rest: string) => ["sh", "-c", `sleep 45 & echo $! > ${started(name)}; ${rest}`]
    const isGone = (name: string) => gone(Number(readFileSync(started(name), "utf8")))
    assert.include(await refusal(starting("late", "wait"), { limitMs: 1_000 }), "did not end within 1 seconds")
    await isGone("late")
    assert.include(await refusal(starting("much", "yes"), { outputBytes: 10_000 }), "wrote more than 10000 bytes")
    await isGone("much")
    const fiber = Effect.runFork(running(starting("interrupted", "wait")))
    await eventually("the tool has started another", () => existsSync(started("interrupted")))
    await setTimeout(50)
    await Effect.runPromise(Fiber.interrupt(fiber))
    await isGone("interrupted")
  })

  it("is ended when it writes more than is read", async () => {
    assert.strictEqual(
      await refusal(node("for (;;) require('fs').writeSync(1, 'x'.repeat(1000))"), { outputBytes: 10_000 }),
      "node wrote more than 10000 bytes; run it by itself to see why."
    )
    assert.strictEqual(
      await refusal(node("for (;;) require('fs').writeSync(2, 'x'.repeat(1000))"), { complaintBytes: 10_000 }),
      "node wrote more than 10000 bytes to its standard error; run it by itself to see why."
    )
  })

  it("is not waited for by what it leaves behind on its standard error", async () => {
    const { bytes } = await run(["sh", "-c", "sleep 45 <&- >&- & echo $!"], { limitMs: 40_000 })
    const pid = Number(Buffer.from(bytes).toString())
    // Still there, so it was not its end that was waited for.
    process.kill(pid, "SIGKILL")
  })

  it("is not done before what it started has written what is left of its output", async () => {
    const { bytes } = await run(["sh", "-c", "echo early; (sleep 1.5; echo late) & exit 0"], { limitMs: 40_000 })
    assert.strictEqual(Buffer.from(bytes).toString(), "early\nlate\n")
  })

  it("is refused soon, and not as one that did not end, when what it started holds its output", async () => {
    const held =
      "sh ended with 0, but something that it started still holds its output, which may therefore not be whole; start that with its output elsewhere, as with >/dev/null."
    const began = Date.now()
    assert.strictEqual(await refusal(["sh", "-c", "echo all; sleep 45 & exit 0"], { limitMs: 40_000 }), held)
    assert.isBelow(Date.now() - began, 20_000)
    assert.strictEqual(await refusal(["sh", "-c", "echo all; sleep 45 & exit 0"], { limitMs: 1_000 }), held)
    const writing = "(while sleep 0.2; do echo more; done) & exit 0"
    assert.strictEqual(await refusal(["sh", "-c", writing], { limitMs: 2_000 }), held)
  })

  it("is refused with its own words when it ends with anything but 0, whatever holds its output", async () => {
    const failing = ["sh", "-c", "echo no repository; sleep 45 & exit 3"]
    assert.strictEqual(await refusal(failing, { limitMs: 40_000 }), "sh ended with 3 and said this: no repository")
  })
})
