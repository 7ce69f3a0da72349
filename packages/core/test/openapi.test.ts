import { HttpApi, OpenApi } from "@effect/platform"
import { assert, describe, expect, it } from "vitest"
import { CatalogApi } from "../src/http/index.ts"
import { faults } from "../src/index.ts"

const document = OpenApi.fromApi(CatalogApi)

describe("the OpenAPI document", () => {
  it("is the one that was reviewed (vitest run --update writes it anew)", async () => {
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot("fixtures/openapi.json")
  })

  it("has no dangling reference, and none of the framework's own error", () => {
    const text = JSON.stringify(document)
    assert.notInclude(text, "HttpApiDecodeError")
    const names = Object.keys(document.components.schemas)
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) assert.include(names, name)
  })

  it("names every fault by its own status, for every operation", () => {
    let operations = 0
    HttpApi.reflect(CatalogApi, {
      onGroup: () => {},
      onEndpoint: ({ errors }) => {
        operations++
        for (const { code } of faults) assert.isTrue(errors.has(code), String(code))
        for (const status of errors.keys())
          assert.isTrue(
            faults.some(({ code }) => code === status),
            String(status)
          )
      }
    })
    assert.isAbove(operations, 5)
  })

  it("describes the parameters of the list as they are written", () => {
    const { parameters = [] } = document.paths["/v1.0/{accountId}/backups"]?.get ?? {}
    assert.deepStrictEqual(
      parameters.map((parameter) => [parameter.name, parameter.in]),
      [
        ["accountId", "path"],
        ...[
          "datastore",
          "instance_id",
          "status",
          "created_since",
          "created_before",
          "include",
          "limit",
          "marker",
          "all_projects",
          "project_id"
        ].map((name) => [name, "query"])
      ]
    )
    assert.include(JSON.stringify(document.components.securitySchemes), "X-Auth-Token")
  })
})
