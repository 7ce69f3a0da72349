import { assert, describe, it } from "@effect/vitest"
import { grouped } from "../src/grouped.ts"

describe("grouped", () => {
  it("has keys and things in the order in which they came, whatever the keys are", () => {
    const groups = grouped(["b1", "__proto__", "a1", "b2"], (text) => (text.startsWith("_") ? text : text[0]))
    assert.deepStrictEqual(
      [...groups],
      [
        ["b", ["b1", "b2"]],
        ["__proto__", ["__proto__"]],
        ["a", ["a1"]]
      ]
    )
  })
})
