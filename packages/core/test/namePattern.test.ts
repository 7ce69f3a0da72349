import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { namePattern } from "../src/index.ts"

const fits = (pattern: string, name: string): boolean => namePattern(pattern)(name)

/** The same by trying everything. */
const fitsNaively = (pattern: ReadonlyArray<string>, name: ReadonlyArray<string>): boolean => {
  const [first, ...rest] = pattern
  if (first === undefined) return name.length === 0
  if (first === "*") return fitsNaively(rest, name) || (name.length > 0 && fitsNaively(pattern, name.slice(1)))
  return name.length > 0 && (first === "?" || first === name[0]) && fitsNaively(rest, name.slice(1))
}

describe("a pattern", () => {
  it.each([
    ["db-*", "db-1", true],
    ["db-*", "db-", true],
    ["db-*", "db", false],
    ["*", "anything", true],
    ["*", "", true],
    ["?", "", false],
    ["?", "😀", true],
    ["??", "😀", false],
    ["*-prod", "a-prod-prod", true],
    ["*-prod", "a-prod-", false],
    ["a*b*c", "abcbc", true],
    ["a*b*c", "acb", false],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["DB-1", "db-1", false],
    [".*", "db", false],
    ["[a]", "a", false],
    ["a\\*", "a\\b", true],
    ["?😀*", "a😀b", true],
    [`*${"b".repeat(40)}?`, `a${"b".repeat(41)}`, true],
    [`${"b".repeat(31)}*`, "b".repeat(31), true],
    [`${"b".repeat(32)}*`, "b".repeat(31), false],
    ["**", "x", true],
    ["a**", "a", true],
    ["db-1", "db-1\n", false]
  ])("%s and %s: %s", (pattern, name, expected) => {
    assert.strictEqual(fits(pattern, name), expected)
  })

  it("fits what trying everything finds to fit", () => {
    const few = (unit: string) => fc.string({ unit: fc.constantFrom(...unit), maxLength: 7 })
    fc.assert(
      fc.property(few("ab*?"), few("ab*?"), (pattern, name) => {
        assert.strictEqual(fits(pattern, name), fitsNaively([...pattern], [...name]))
      }),
      { numRuns: 3000 }
    )
  })

  it.each([
    ["stars alone", "*".repeat(255), "a".repeat(255), true],
    ["stars and an end that is not there", `${"*".repeat(254)}b`, "a".repeat(255), false],
    ["a star before every letter", "*a".repeat(127), "a".repeat(255), true],
    ["a star before every letter, and an end that is not there", `${"*a".repeat(127)}b`, "a".repeat(255), false],
    ["a star before every question mark", `${"*?".repeat(127)}b`, "a".repeat(255), false],
    ["a long piece with question marks", `*${"a?".repeat(62)}b*`, "a".repeat(255), false],
    ["long runs that almost fit", `${`*${"a".repeat(25)}b`.repeat(9)}c`, `${"a".repeat(25)}b`.repeat(9), false]
  ])("of %s is decided at once", (_, pattern, name, expected) => {
    const since = performance.now()
    for (let n = 0; n < 20; n++) assert.strictEqual(fits(pattern, name), expected)
    // What tries everything would take longer than the universe is old.
    assert.isBelow(performance.now() - since, 5000)
  })
})
