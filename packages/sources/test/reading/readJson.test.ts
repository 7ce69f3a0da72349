import { gzipSync } from "node:zlib"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { readJson } from "../../src/reading/readJson.ts"

const utf8 = new TextEncoder()

const read = (bytes: string | Uint8Array): unknown =>
  Effect.runSync(readJson(typeof bytes === "string" ? utf8.encode(bytes) : bytes, "Tool"))

const refusalOf = (bytes: string | Uint8Array): string =>
  Effect.runSync(Effect.flip(readJson(typeof bytes === "string" ? utf8.encode(bytes) : bytes, "Tool"))).message

const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le"))

describe("the JSON of a tool", () => {
  it("is read with a byte order mark, with any line ends, and without rounding a number", () => {
    expect(read('\ufeff[1,\r\n9007199254740993,\t"\ud83d\ude80\\u0000"]\r\n')).toEqual([
      1,
      9007199254740993n,
      "\ud83d\ude80\u0000"
    ])
    expect(read('{"__proto__":[7711425330794715046]}')).toEqual(
      JSON.parse('{"__proto__":[0]}', (key, value) => (key === "0" ? 7711425330794715046n : value))
    )
  })

  it("is read in no time where a number in it has a million digits", () => {
    expect(read(`[${"1".repeat(1_000_000)},${"1".repeat(1_000)}]`)).toEqual([
      Number.POSITIVE_INFINITY,
      BigInt("1".repeat(1_000))
    ])
  })

  it.each([
    [
      "is nothing",
      " \n",
      "Tool printed nothing; an empty inventory would be [] or {}, so something went wrong. Look at its stderr."
    ],
    ["is cut off in a list", '[{"a":1}', 'This is not JSON of Tool (it was cut off); it begins with: [{"a":1}'],
    ["is cut off in a text", '["a', 'This is not JSON of Tool (it was cut off); it begins with: ["a'],
    ["goes on", "[1]\n[2]", "This is not JSON of Tool (something follows behind its end); it begins with: [1] [2]"],
    ["ends in zeros", "[1]\0\0", "This is not JSON of Tool (something follows behind its end); it begins with: [1]"],
    [
      "is broken",
      '[{"a":nope}]',
      'This is not JSON of Tool (it is broken at character 7); it begins with: [{"a":nope}]'
    ],
    [
      "says two things of one member",
      '{"a":{"b":1,"b":2}}',
      'This is not JSON of Tool (it says two things of "b"); it begins with: {"a":{"b":1,"b":2}}'
    ],
    ["is a page", "<html>", "This is not JSON of Tool; it begins with: <html>"],
    [
      "is for terminals",
      "\u001b[1mID\u001b[0m",
      "This is not JSON of Tool (it is broken at character 1); it begins with: [1mID [0m"
    ]
  ])("that %s is refused with what is wrong with it", (_, text, message) => {
    expect(refusalOf(text)).toBe(message)
  })

  it("that is no UTF-8, or compressed, is refused with what it is", () => {
    expect(refusalOf(Uint8Array.of(0x5b, 0x22, 0xe9, 0x22, 0x5d))).toContain("(it is not UTF-8)")
    expect(refusalOf(utf16("[]"))).toBe(
      "This is UTF-16, as PowerShell writes what a program prints: give what Tool printed, as UTF-8."
    )
    expect(refusalOf(new Uint8Array(Buffer.from(utf16("[]")).swap16()))).toContain("This is UTF-16")
    expect(refusalOf(new Uint8Array(gzipSync("[]")))).toBe(
      "This is compressed by gzip: give what Tool printed, uncompressed."
    )
  })

  it("that is nested more than 500 levels deep is refused", () => {
    const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}1${"}]".repeat(levels / 2)}`
    expect(read(nested(500))).toEqual(JSON.parse(nested(500)))
    for (const text of [nested(502), "[".repeat(1_000_000)]) {
      expect(refusalOf(text)).toContain("This is not JSON of Tool (it is nested more than 500 levels deep)")
    }
    expect(read(JSON.stringify(`\\"${"[".repeat(1_000)}`))).toBe(`\\"${"[".repeat(1_000)}`)
  })
})
