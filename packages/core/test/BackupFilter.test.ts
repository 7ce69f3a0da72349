import { FastCheck as fc, Struct } from "effect"
import { assert, describe, it } from "vitest"
import { BackupFilter, matches } from "../src/index.ts"
import { arbitrary } from "../src/testing/index.ts"

const filters = fc.sample(arbitrary.filter, { numRuns: 300, seed: 1 })
const backups = fc.sample(arbitrary.backup, { numRuns: 100, seed: 1 })

describe("a filter of backups", () => {
  it.each(Object.keys(Struct.omit(BackupFilter.fields, "include")))(
    "by %s keeps some and leaves out others",
    (name) => {
      const alone = filters.map((filter) => Object.fromEntries(Object.entries(filter).filter(([one]) => one === name)))
      const kept = alone.flatMap((filter) => backups.map(matches(filter)))
      assert.sameMembers([...new Set(kept)], [true, false], `matches does not look at ${name}`)
    }
  )
})
