import { Either, Schema } from "effect"
import { assert, describe, it } from "vitest"
import { describeParseError, describeSecretParseError } from "../src/index.ts"

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
})
