import { readFileSync } from "node:fs"
import { HttpApi, OpenApi } from "@effect/platform"
import { assert, describe, it } from "vitest"
import { CatalogApi } from "../src/http/index.ts"
import { faults } from "../src/index.ts"

const text = readFileSync("../../docs/api.md", "utf8")

const wordsOf = (place: string) => [...place.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word)

/** The first columns of the tables that have this heading. */
const firstColumn = (heading: string) =>
  text
    .split("\n\n")
    .filter((block) => block.startsWith(`| ${heading} `))
    .flatMap((table) => table.split("\n").map((row) => row.split("|")[1] ?? ""))

/** `GET /v1.0/{}/backups/{}`. */
const formOf = (method: string, path: string) => `${method} ${path.replaceAll(/\{\w+\}/g, "{}")}`

describe("docs/api.md", () => {
  it("has every operation in its first table", () => {
    const documented = firstColumn("operation").flatMap((cell) =>
      wordsOf(cell).map((word) => {
        const [path = "", method = "GET"] = word.split(" ").reverse()
        return formOf(method, path.replace("…", "/v1.0/{}"))
      })
    )
    HttpApi.reflect(CatalogApi, {
      onGroup: () => {},
      onEndpoint: ({ endpoint }) => {
        assert.include(documented, formOf(endpoint.method, endpoint.path.replaceAll(/:(\w+)/g, "{$1}")))
      }
    })
  })

  it("has every query parameter, in a table of parameters", () => {
    const documented = firstColumn("parameter").flatMap(wordsOf)
    for (const [path, item] of Object.entries(OpenApi.fromApi(CatalogApi).paths)) {
      for (const { name, in: place } of Object.values(item).flatMap(({ parameters }) => parameters)) {
        if (place === "query") assert.include(documented, name, path)
      }
    }
  })

  it("has every fault with its status", () => {
    for (const { code, fault } of faults) assert.include(text, `| ${code}  | \`${fault}\``)
  })
})
