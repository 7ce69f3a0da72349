import { assert, describe, it } from "vitest"
import * as sources from "../src/index.ts"

const importers = Object.values(sources).filter(
  (value): value is sources.Importer => typeof value === "object" && value !== null && "kind" in value
)

describe("the importers", () => {
  it("have each a name of their own, by which they are asked for", () => {
    const names = importers.map(({ name }) => name).sort()
    assert.deepStrictEqual(names, [
      "barman",
      "borg",
      "dumps",
      "mariabackup",
      "pgbackrest",
      "rds",
      "redis",
      "restic",
      "trove",
      "wal-g"
    ])
  })
})
