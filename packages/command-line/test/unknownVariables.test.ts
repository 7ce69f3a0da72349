import { assert, describe, it } from "vitest"
import { describeUnknown, unknownVariables } from "../src/index.ts"

const said = (...names: ReadonlyArray<string>) =>
  unknownVariables(
    "CATALOG_",
    ["CATALOG_STORE", "CATALOG_PORT"],
    Object.fromEntries(names.map((name) => [name, "x"]))
  ).map(describeUnknown)

describe("variables of the environment", () => {
  it("are named where they begin like those of a program and are none, with the one that may be meant", () => {
    assert.deepStrictEqual(said("CATALOG_STORE", "STORE", "PATH"), [])
    for (const name of ["CATALOG_STOR", "CATALOG_STOREE", "CATALOG_STOER", "CATALOG_STARE"]) {
      assert.deepStrictEqual(said(name), [
        `The variable ${name} is not known, and does nothing; CATALOG_STORE may be meant.`
      ])
    }
    assert.deepStrictEqual(said("CATALOG_DIR"), ["The variable CATALOG_DIR is not known, and does nothing."])
  })
})
