import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { circleFinder } from "../src/circleFinder.ts"
import type { Marker } from "../src/index.ts"

/** After how many pages a circle is found, of a list whose page `n` leads to `nextOf(n)`; undefined if not within `most`. */
const foundAfter = (nextOf: (page: number) => number, most: number): number | undefined => {
  const isCircle = circleFinder()
  let page = 0
  for (let pages = 1; pages <= most; pages++) {
    const next = nextOf(page)
    if (isCircle(page === 0 ? undefined : (`${page}` as Marker), `${next}` as Marker)) return pages
    page = next
  }
  return undefined
}

describe("a circle of pages", () => {
  it("is found before a list was walked a few times, wherever it begins and however long it is", () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 200 }), (before, length) => {
        const last = before + length
        assert.isDefined(
          foundAfter((page) => (page === last ? before + 1 : page + 1), 4 * last),
          `${before} ${length}`
        )
      })
    )
  })

  it("is found at once where a page leads to itself", () => {
    assert.strictEqual(
      foundAfter((page) => Math.min(page + 1, 1000), 2000),
      1001
    )
  })

  it("is not found in a list that has none", () => {
    assert.isUndefined(foundAfter((page) => page + 1, 100_000))
  })
})
