import { coverageLaws, importLaws } from "@backup-catalog/core/testing"
import { ManagedRuntime } from "effect"
import { afterAll, beforeAll, describe, it } from "vitest"
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
})
