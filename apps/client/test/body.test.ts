import { Either, Option } from "effect"
import * as fc from "effect/FastCheck"
import { assert, describe, it, vi } from "vitest"
import { type Body, linesOf } from "../src/body.ts"

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The bytes in pieces of so many. */
const inPieces = (bytes: Uint8Array, length: number): Body => ({
  pieces: Array.from({ length: Math.ceil(bytes.length / length) }, (_, n) =>
    bytes.subarray(n * length, (n + 1) * length)
  ),
  size: bytes.length
})

const wholly = (bytes: Uint8Array): Option.Option<unknown> => {
  try {
    return Option.some(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)))
  } catch {
    return Option.none()
  }
}

/** A body is read by lines only where the whole would be the same. */
const check = (text: string | Uint8Array): boolean => {
  const bytes = typeof text === "string" ? encode(text) : text
  const read = [1, 2, 3, 7, 64, 65_536].map((length) => linesOf(inPieces(bytes, length), Either.right))
  for (const lines of read) {
    if (Option.isSome(lines)) assert.deepStrictEqual(lines, wholly(bytes), JSON.stringify(text))
    assert.strictEqual(Option.isSome(lines), Option.isSome(read[0] ?? Option.none()))
  }
  return read.every(Option.isSome)
}

const record = '{"id":"a","name":"Zürich 日本 🙂"}'
const link = '{"rel":"next","href":"https://example.com/?marker=m"}'

describe("the lines of a body", () => {
  const lists: Record<string, string> = {
    "a list in lines": `{"backups":[${record},\n${record},\n${record}]}\n`,
    "with a link": `{"backups":[${record},\n${record}],"links":[${link}]}\n`,
    "of one record": `{"backups":[${record}]}\n`,
    "of one record, with a link": `{"backups":[${record}],"links":[${link}]}\n`,
    "with links of a record": `{"backups":[{"a":[1],"links":[2]},\n${record}],"links":[]}\n`,
    "with a text like its end": `{"backups":[{"a":"],\\"links\\":["},\n{"a":"]}"}]}\n`,
    "with an odd name": `{"backups":[{"__proto__":1},\n${record}],"links":[]}\n`,
    "with the break of other systems inside": `{"backups":[{"a":\r1},\n${record}]}\n`
  }
  const others: Record<string, string> = {
    "of none": '{"backups":[]}\n',
    "without the last line break": `{"backups":[${record},\n${record}]}`,
    "in one line": `{"backups":[${record},${record}],"links":[]}`,
    "in many lines": JSON.stringify({ backups: [{ id: "a" }], links: [] }, undefined, 2),
    "with the break of other systems": `{"backups":[${record},\r\n${record}]}\r\n`,
    "with a blank line": `{"backups":[${record},\n\n${record}]}\n`,
    "with a record too few": `{"backups":[${record},\n,\n${record}]}\n`,
    "with a comma too many": `{"backups":[${record},\n]}\n`,
    "without a comma": `{"backups":[${record}\n${record}]}\n`,
    "with two records in a line": `{"backups":[${record},${record},\n${record}]}\n`,
    "with a record in two lines": `{"backups":[{"id":"a",\n"name":"b"}]}\n`,
    "that ends in the middle": `{"backups":[${record},\n${record}`,
    "that ends behind a record": `{"backups":[${record},\n`,
    "with something behind it": `{"backups":[${record},\n${record}]}\n{}\n`,
    "with a member twice": `{"backups":[${record},\n${record}],"links":[],"backups":[1]}\n`,
    "with links twice": `{"backups":[${record},\n${record}],"links":[1],"links":[2]}\n`,
    "with another member": `{"backups":[${record},\n${record}],"links":[],"more":1}\n`,
    "with another member before the links": `{"backups":[${record},\n${record}],"more":1,"links":[]}\n`,
    "with links of its last record": `{"backups":[${record},\n{"a":[1],"links":[2]}]}\n`,
    "with a line break in a text": `{"backups":[{"a":"x\n"},\n${record}]}\n`,
    "with a mark of byte order": `\ufeff{"backups":[${record},\n${record}]}\n`,
    "with a mark in a line": `{"backups":[${record},\n\ufeff${record}]}\n`,
    "a fault": '{"itemNotFound":{"code":404,"message":"gone"}}\n',
    "no JSON": "<html>\n</html>\n",
    nothing: "",
    "a line break": "\n"
  }
  for (const [name, text] of Object.entries(lists)) it(`are a list: ${name}`, () => assert.isTrue(check(text)))
  for (const [name, text] of Object.entries(others))
    it(`are left to who reads the whole: ${name}`, () => assert.isFalse(check(text)))

  it("are left to who reads the whole where a record is not known", () => {
    const decode = (json: unknown) => (JSON.stringify(json).includes("b") ? Either.left("unknown") : Either.right(json))
    const body = inPieces(encode('{"backups":[{"id":"a"},\n{"id":"b"}]}\n'), 64)
    assert.isTrue(Option.isNone(linesOf(body, decode)))
  })

  it("are made text one at a time", () => {
    const decode = vi.spyOn(TextDecoder.prototype, "decode")
    try {
      const bytes = encode(
        `{"backups":[${Array.from({ length: 1000 }, () => record).join(",\n")}],"links":[${link}]}\n`
      )
      assert.lengthOf(Option.getOrThrow(linesOf(inPieces(bytes, 1000), Either.right)).backups, 1000)
      assert.isBelow(Math.max(...decode.mock.calls.map(([line]) => line?.byteLength ?? 0)), 200)
    } finally {
      decode.mockRestore()
    }
  })

  it("are none where one is not UTF-8", () =>
    assert.isFalse(check(new Uint8Array([...encode(`{"backups":[${record},\n{"a":"`), 0xff, ...encode('"}]}\n')]))))

  it("are what the whole would be, wherever it is damaged", () => {
    const whole = encode(`{"backups":[${record},\n${record},\n{"a":[1,{"b":2}]}],"links":[${link}]}\n`)
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.constantFrom(...encode('{}[],:"\n\\ a1'), 0, 0xc3),
        fc.boolean(),
        (at, byte, replaces) =>
          void check(new Uint8Array([...whole.subarray(0, at), byte, ...whole.subarray(replaces ? at + 1 : at)]))
      ),
      { numRuns: 500 }
    )
  })
})
