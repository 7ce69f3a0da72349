import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layer } from "../../src/reading/Keyboard.ts"
import { readOutput } from "../../src/reading/readOutput.ts"
import { bundle } from "../support/bundle.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"

const bytes = Uint8Array.from({ length: 300_000 }, (_, n) => n % 256)
const folder = temporaryFolder({ "inventory.json": bytes, empty: "" })
const path = join(folder, "inventory.json")

const read = (from: string, maxBytes?: number) => Effect.runPromise(Effect.provide(readOutput(from, maxBytes), layer))

const refusal = async (from: string, maxBytes?: number): Promise<string> =>
  (await Effect.runPromise(Effect.provide(Effect.flip(readOutput(from, maxBytes)), layer))).message

describe("what a tool printed, in a file", () => {
  it("is read byte for byte", async () => {
    assert.isTrue(Buffer.from(bytes).equals(await read(path, 300_000)))
    assert.strictEqual((await read(join(folder, "empty"))).length, 0)
  })

  it("is refused where it is more than is read", async () => {
    assert.strictEqual(
      await refusal(path, 299_999),
      `${path} cannot be read: it has more than 299999 bytes, which is the most that is read.`
    )
  })

  it("is refused where it cannot be read", async () => {
    assert.match(await refusal(join(folder, "gone")), /gone cannot be read: no such file or directory\.$/)
    assert.match(await refusal(folder), /cannot be read: illegal operation on a directory\.$/)
  })
})

describe("what a tool printed, on the standard input", () => {
  let program: string

  beforeAll(async () => {
    const { path: built } = await bundle(`
      import { Effect } from "effect"
      import { layer } from "../src/reading/Keyboard.ts"
      import { readOutput } from "../src/reading/readOutput.ts"
      const read = Effect.provide(readOutput("-", Number(process.argv[2])), layer)
      const shown = Effect.match(read, { onSuccess: (bytes) => Buffer.from(bytes).toString("hex"), onFailure: ({ message }) => message })
      process.stdout.write(await Effect.runPromise(shown))
    `)
    program = built
  })

  const fed = async (input: Uint8Array, maxBytes: number): Promise<string> => {
    const child = spawn(process.execPath, [program, String(maxBytes)], { stdio: ["pipe", "pipe", "inherit"] })
    // It may have seen enough before all is written.
    child.stdin.on("error", () => {})
    child.stdin.end(input)
    const [shown] = await Promise.all([text(child.stdout), once(child, "exit")])
    return shown
  }

  it("is read byte for byte", async () => {
    assert.strictEqual(await fed(bytes, 300_000), Buffer.from(bytes).toString("hex"))
    assert.strictEqual(await fed(new Uint8Array(), 10), "")
  })

  it("is refused where it is more than is read", async () => {
    assert.strictEqual(
      await fed(bytes, 299_999),
      "The standard input cannot be read: it has more than 299999 bytes, which is the most that is read."
    )
  })
})
