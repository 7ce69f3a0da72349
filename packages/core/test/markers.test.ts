import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { AccountId, type Marker } from "../src/index.ts"
import { BackupStore, StoreCatalog } from "../src/store/index.ts"
import { BackupStoreMemory } from "../src/testing/index.ts"

const asked = Effect.dieMessage("the store was asked for it")

const neverAsked = Layer.effect(
  BackupStore,
  Effect.map(BackupStore, (store) => ({
    ...store,
    get: () => asked,
    findAcross: () => asked,
    getInstance: () => asked,
    atOnce: { listEncoded: () => expect.fail("the store was asked at once"), version: () => 1n }
  }))
).pipe(Layer.provide(BackupStoreMemory.layer))

const layer = StoreCatalog.layer({ pageSize: 10, maxPageSize: 10 }).pipe(Layer.provide(neverAsked))

const account = AccountId.make("1234")

describe("a marker that can be the id of nothing", () => {
  for (const marker of ["..", "x".repeat(256), "a\u0001b"].map((text) => text as Marker)) {
    it.effect(`is refused without a look into the store: ${JSON.stringify(marker.slice(0, 5))}`, () =>
      Effect.gen(function* () {
        const { list, listInstances, atOnce } = yield* StoreCatalog
        const refusals = [
          yield* Effect.flip(list(account, {}, { marker })),
          yield* Effect.flip(list(account, {}, { marker }, { allProjects: true })),
          yield* Effect.flip(listInstances(account, { marker }))
        ]
        expect(refusals.map(({ _tag }) => _tag)).toEqual(["BadRequest", "BadRequest", "BadRequest"])
        expect(atOnce?.listEncoded(account, {}, { marker })).toBeUndefined()
      }).pipe(Effect.provide(layer))
    )
  }
})
