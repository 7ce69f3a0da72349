import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { jsonValues } from "../../src/reading/jsonValues.ts"
import { allSamples, sample } from "../support/samples.ts"

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value)

describe("JSON values behind each other", () => {
  it("are told apart, whatever texts they have", () => {
    const value = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()))
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), fc.constantFrom("", "\n", " \r\n "), (values, between) => {
        const found = jsonValues(bytesOf(values.map((one) => JSON.stringify(one)).join(between)))
        assert.deepStrictEqual(
          found.map((bytes) => JSON.parse(text(bytes))),
          values.map((one) => JSON.parse(JSON.stringify(one)))
        )
      })
    )
  })

  it("lose nothing that is no JSON", () => {
    for (const path of allSamples()) {
      const bytes = sample(path)
      const parts = jsonValues(bytes)
      const length = parts.reduce((sum, part) => sum + part.length, 0)
      assert.isTrue(length <= bytes.length && text(bytes).slice(length).trim() === "", path)
    }
  })
})
