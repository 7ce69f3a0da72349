import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { hasLength } from "../src/hasLength.ts"

describe("the length of a text", () => {
  it("is how many code points it has", () => {
    const unit = fc.constantFrom("a", "💾", "\ud83d", "ä")
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), fc.nat(12), fc.nat(12), (units, least, most) => {
        const text = units.join("")
        const count = [...text].length
        assert.strictEqual(hasLength(text, least, most), count >= least && count <= most)
      }),
      { numRuns: 2000 }
    )
  })
})
