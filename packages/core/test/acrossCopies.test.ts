import { Data } from "effect"
import { assert, describe, it, vi } from "vitest"
import * as core from "../src/index.ts"

const copyOf = async (): Promise<typeof core> => {
  vi.resetModules()
  return import("../src/index.ts")
}

const errors = [
  ...core.faults.map((Class) => [Class.fault, new Class({ message: "x" }), Class] as const),
  ["connectionFailed", new core.ConnectionFailed({ message: "x" }), core.ConnectionFailed] as const,
  ["timedOut", new core.TimedOut({ message: "x" }), core.TimedOut] as const,
  ["unexpectedAnswer", new core.UnexpectedAnswer({ message: "x", code: 200 }), core.UnexpectedAnswer] as const,
  ["tooMany", new core.TooMany({ message: "x", max: 1 }), core.TooMany] as const
]

describe("the errors of another copy of this package", () => {
  it("are of the classes with their names, and of no other", async () => {
    const copy = await copyOf()
    assert.notStrictEqual<unknown>(copy.ItemNotFound, core.ItemNotFound)
    const classes = [...copy.faults, copy.ConnectionFailed, copy.TimedOut, copy.UnexpectedAnswer, copy.TooMany]
    for (const [at, [name, error]] of errors.entries()) {
      const of = classes.flatMap((Class, place) => (error instanceof Class ? [place] : []))
      assert.deepStrictEqual(of, [at], name)
      assert.strictEqual(copy.isFault(error), core.isFault(error), name)
    }
  })

  it("are not of a class that somebody derived", async () => {
    class Mine extends core.ItemNotFound {}
    const copy = await copyOf()
    assert.isFalse(new copy.ItemNotFound({ message: "x" }) instanceof Mine)
    assert.isFalse(new core.ItemNotFound({ message: "x" }) instanceof Mine)
    const mine = new Mine({ message: "x" })
    assert.isTrue(mine instanceof Mine && mine instanceof core.ItemNotFound && mine instanceof Error)
    assert.isTrue((mine as unknown) instanceof copy.ItemNotFound)
  })

  it("are told from what only looks like them", () => {
    class ItemNotFound extends Data.TaggedError("ItemNotFound")<{ readonly message: string }> {}
    for (const other of [null, undefined, "x", {}, { _tag: "ItemNotFound" }, new ItemNotFound({ message: "x" })]) {
      assert.isFalse((other as unknown) instanceof core.ItemNotFound)
    }
  })
})
