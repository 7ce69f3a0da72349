import { Either, Schema } from "effect"
import { assert, describe, it } from "vitest"
import { describeParseError, describeParseErrors, describeSecretParseError } from "../src/index.ts"

const Words = Schema.Struct({ command: Schema.Array(Schema.String), level: Schema.optional(Schema.Literal(1)) })

const refused = (value: unknown) => Either.getOrThrow(Either.flip(Schema.decodeUnknownEither(Words)(value)))

describe("what is wrong with a value", () => {
  it.each([
    [{ command: "a hunter2" }, 'command must be an array, and is "a hunter2"', "command must be an array"],
    [{ command: [["hunter2"]] }, 'command[0] must be a text, and is ["hunter2"]', "command[0] must be a text"],
    ["hunter2", 'it must be an object, and is "hunter2"', "it must be an object"],
    [
      { command: [], level: "hunter2" },
      'level is "hunter2", which is not what it must be',
      "level is not what it must be"
    ]
  ])("of %j quotes it, unless it may hold a secret", (value, quoting, silent) => {
    const error = refused(value)
    assert.strictEqual(describeParseError(error, "it"), quoting)
    assert.strictEqual(describeSecretParseError(error, "it"), silent)
  })

  it("names a member of any length, and quotes its beginning", () => {
    const decode = Schema.decodeUnknownEither(Words, { onExcessProperty: "error" })
    const error = Either.getOrThrow(
      Either.flip(decode({ command: [], [`${"x".repeat(63)}😀${"y".repeat(500_000)}`]: 1 }))
    )
    const message = describeParseError(error, "it")
    assert.match(message, /^x{63}… is not known; known are /)
    assert.strictEqual(describeParseErrors(error, "it"), message)
  })

  it("names the member of a value that is nested too deep to be quoted", () => {
    const deep = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`)
    for (const [value, member] of [
      [{ command: deep }, "command[0]"],
      [{ command: [], level: deep }, "level"],
      [deep, "it"]
    ] as const) {
      const message = `${member} is not what it must be, but nested thousands of levels deep`
      for (const describe of [describeParseError, describeSecretParseError, describeParseErrors]) {
        assert.strictEqual(describe(refused(value), "it"), message)
      }
    }
  })
})
