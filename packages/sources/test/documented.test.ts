import { existsSync, readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { importers } from "../src/index.ts"

const docs = "../../docs"

describe("the documents", () => {
  it.each(importers)("have a page of $name, and lead to it", ({ name }) => {
    const page = `sources/${name}.md`
    assert.isTrue(existsSync(`${docs}/${page}`), page)
    for (const file of ["README.md", "import.md"]) {
      assert.include(readFileSync(`${docs}/${file}`, "utf8"), `](${page})`, file)
    }
  })
})
