import { CoverageStore } from "@backup-catalog/core/store"
import { coverageLaws, importLaws } from "@backup-catalog/core/testing"
import { Effect, ManagedRuntime } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { notingUse } from "../../../../testing/notingUse.ts"
import { type Stores, storeLayer } from "../../src/store/StoreLive.ts"
import type { StoreRefused } from "../../src/store/StoreRefused.ts"
import { addressOf } from "../support/server.ts"
import { emptyStore } from "../support/TestStore.ts"

describe("a store", () => {
  const cleanings: Array<() => void | Promise<void>> = []
  let runtime: ManagedRuntime.ManagedRuntime<Stores, StoreRefused>

  beforeAll(async () => {
    const { address } = await emptyStore((clean) => cleanings.push(clean))
    runtime = ManagedRuntime.make(storeLayer(addressOf(address)))
  })

  afterAll(async () => {
    await runtime.dispose()
    for (const clean of cleanings) await clean()
  })

  describe("as imports use it", () => {
    for (const { name, check } of importLaws) it(name, () => runtime.runPromise(check))
  })

  describe("as coverage uses it", () => {
    for (const { name, check } of coverageLaws) it(name, () => runtime.runPromise(check))
  })

  it("has laws of all that coverage can do", () =>
    runtime.runPromise(
      Effect.gen(function* () {
        const used = new Set<string>()
        const store = yield* CoverageStore
        const noting = notingUse(store, used)
        yield* Effect.forEach(coverageLaws, ({ check }) => Effect.provideService(check, CoverageStore, noting))
        const unused = Object.keys(store).filter((member) => !used.has(member))
        assert.deepStrictEqual(unused, [], "coverageLaws has no law of these")
      })
    ))
})
