import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { notingUse } from "../../../testing/notingUse.ts"
import { BackupStore } from "../src/store/index.ts"
import { BackupStoreMemory, storeLaws } from "../src/testing/index.ts"

describe("the in-memory store", () => {
  for (const { name, check } of storeLaws) {
    it.effect(name, () => Effect.provide(check, BackupStoreMemory.layer))
  }
})

describe("the laws of a store", () => {
  it.effect("are of everything that a store can do", () =>
    Effect.gen(function* () {
      const used = new Set<string>()
      const store = Effect.map(BackupStore, (store) => notingUse(store, used))
      for (const { check } of storeLaws) {
        yield* Effect.provide(Effect.provideServiceEffect(check, BackupStore, store), BackupStoreMemory.layer)
      }
      const members = yield* Effect.provide(Effect.map(BackupStore, Object.keys), BackupStoreMemory.layer)
      const unused = members.filter((member) => !used.has(member))
      assert.deepStrictEqual(unused, [], "storeLaws has no law of these")
    })
  )
})
