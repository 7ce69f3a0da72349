import { Effect, Either, Redacted } from "effect"
import { assert, describe, it } from "vitest"
import { storeAddress } from "../../src/store/StoreAddress.ts"

const read = (store: string) => Effect.runSync(Effect.either(storeAddress(store)))

describe("the address of a store", () => {
  it("is a file of SQLite", () => {
    assert.deepStrictEqual(read("sqlite:/a/b.sqlite"), Either.right({ kind: "sqlite", path: "/a/b.sqlite" }))
  })

  it("is a database of PostgreSQL, shown without its password and its parameters", () => {
    for (const url of ["postgres://u:secret@db:5433/x?sslmode=verify-full", "postgresql://u:secret@db:5433/x"]) {
      const address = Either.getOrThrow(read(url))
      assert(address.kind === "postgres")
      assert.match(address.name, /^postgres(ql)?:\/\/u@db:5433\/x$/)
      assert.strictEqual(Redacted.value(address.url), url)
      assert.notInclude(JSON.stringify(address), "secret")
    }
  })

  it("is nothing else, and what is said of that has none of it", () => {
    for (const [store, part, must] of [
      ["sqlite:", undefined, /^sqlite: and the path of a file/],
      ["sqlite::memory:", undefined, /^sqlite: and the path of a file/],
      ["mysql://u:secret@db/x", undefined, /^sqlite: and the path of a file/],
      ["postgres://u:secret@db", undefined, /^of the form postgres:/],
      ["postgres://u:s@secret/@db:5433/x", undefined, /^of the form postgres:/],
      ["postgres://u:12/secret@db:5433/x", undefined, /^of the form postgres:/],
      ["postgres://u:12/secret#@db:5433/x", undefined, /^of the form postgres:/],
      ["postgres://u:secret@db/x?sslmode=secret", "sslmode", /^one of disable, prefer, /]
    ] as const) {
      const wrong = Either.getOrThrow(Either.flip(read(store)))
      assert.strictEqual(wrong.part, part)
      assert.match(wrong.must, must)
      assert.notInclude(JSON.stringify(wrong), "secret")
    }
  })
})
