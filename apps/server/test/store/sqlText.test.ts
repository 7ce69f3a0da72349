import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { condition, join } from "../../src/store/SqlText.ts"

describe("pieces of SQL that are joined", () => {
  it("are their texts behind each other, with the values of all, however many have been joined before", () => {
    const piece = fc.record({ sql: fc.string({ minLength: 1, maxLength: 3 }), params: fc.array(fc.integer()) })
    fc.assert(
      fc.property(fc.array(piece), fc.constantFrom("", " ", " AND "), (pieces, separator) => {
        assert.deepStrictEqual(join(pieces, separator), {
          sql: pieces.map(({ sql }) => sql).join(separator),
          params: pieces.flatMap(({ params }) => params)
        })
      }),
      { numRuns: 5000 }
    )
    for (let n = 0; n < 30_000; n++) assert.strictEqual(join([condition("a"), condition(`${n}`)], " ").sql, `a ${n}`)
  })
})
