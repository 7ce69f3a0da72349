import { build } from "esbuild"
import { assert, describe, it } from "vitest"

describe("the package", () => {
  it.each(["src/index.ts", "src/http/index.ts", "src/testing/index.ts"])(
    "%s has no Node API in its graph",
    async (entry) => {
      const { outputFiles, metafile } = await build({
        entryPoints: [entry],
        bundle: true,
        write: false,
        platform: "browser",
        format: "esm",
        metafile: true,
        logLevel: "silent"
      })
      assert.lengthOf(outputFiles, 1)
      const imports = Object.values(metafile.inputs).flatMap((input) => input.imports)
      assert.isAbove(imports.length, 10)
      assert.deepStrictEqual(
        imports.filter(({ external }) => external === true),
        []
      )
    }
  )
})
