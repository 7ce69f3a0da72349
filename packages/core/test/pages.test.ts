import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { type Marker, type Page, pages, parseDuration, walkPages } from "../src/index.ts"

const walk = (next: Record<string, string | undefined>) =>
  pages((marker) =>
    Effect.sync((): Page => {
      const following = next[marker ?? "start"]
      return following === undefined ? { backups: [] } : { backups: [], next: following as Marker }
    })
  ).pipe(Stream.runCount)

describe("a walk over pages", () => {
  it.effect("ends with the page that has no next", () =>
    Effect.map(walk({ start: "a", a: "b", b: undefined }), (count) => assert.strictEqual(count, 3))
  )

  it.effect("fails when a hundred pages in a row are empty and lead on to ever new ones", () =>
    Effect.map(
      Effect.flip(
        walk(Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [n === 0 ? "start" : `${n}`, `${n + 1}`])))
      ),
      (error) => assert.include(error.message, "empty pages")
    )
  )

  it.effect("goes on over any number of empty pages as long as no hundred of them are in a row", () =>
    walkPages(
      (marker) => {
        const at = Number(marker ?? 0)
        return Effect.succeed({ items: at % 60 === 0 ? [at] : [], ...(at < 200 && { next: `${at + 1}` as Marker }) })
      },
      ({ items }) => items
    ).pipe(
      Stream.runCount,
      Effect.map((count) => assert.strictEqual(count, 201))
    )
  )

  for (const [name, next] of Object.entries({
    itself: { start: "a", a: "a" },
    "the one before": { start: "a", a: "b", b: "a" },
    "far behind": {
      start: "0",
      ...Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${n}`, `${(n + 1) % 100}`]))
    }
  })) {
    it.effect(`fails when a page leads to ${name}`, () =>
      Effect.map(Effect.flip(walk(next)), (error) => assert.strictEqual(error._tag, "UnexpectedAnswer"))
    )
  }
})

describe("a duration", () => {
  it("is a number and a unit", () => {
    assert.deepStrictEqual(
      ["250ms", "10s", "30m", "26h", "7d", "4w"].map((text) =>
        Number(parseDuration(text)?.pipe((d) => (d.value._tag === "Millis" ? d.value.millis : -1)))
      ),
      [250, 10_000, 1_800_000, 93_600_000, 604_800_000, 2_419_200_000]
    )
    for (const text of ["", "10", "s", "-1s", "1.5h", "1 h", "1H", "7days"]) assert.isUndefined(parseDuration(text))
  })
})
