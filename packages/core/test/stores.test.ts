import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { BackupStoreMemory, storeLaws } from "../src/testing/index.ts"

describe("the in-memory store", () => {
  for (const { name, check } of storeLaws) {
    it.effect(name, () => Effect.provide(check, BackupStoreMemory.layer))
  }
})
