import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { messagesOf } from "../src/complaints.ts"
import { postgresVersion } from "../src/postgresVersion.ts"
import { descriptionText, nameText, plainText } from "../src/recordText.ts"

describe("the texts of records", () => {
  it("have no control characters and no halves of characters", () => {
    expect(plainText("a\u0000b\u001b[2J\n\ud800 𝔫")).toBe("a\ufffdb\ufffd[2J\ufffd\ufffd 𝔫")
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(plainText(text)).not.toMatch(/[\p{Cc}\p{Surrogate}]/u)
      })
    )
  })

  it("a name has 1 to 255 characters, however many units they take", () => {
    expect(nameText("")).toBeUndefined()
    expect(nameText("𝔫".repeat(255))).toBe("𝔫".repeat(255))
    expect(nameText(`${"x".repeat(254)}𝔫y`)).toBe(`${"x".repeat(254)}𝔫`)
  })

  it("a description that is too long ends in an ellipsis", () => {
    expect(descriptionText("x".repeat(4_000))).toBe("x".repeat(4_000))
    expect(descriptionText("𝔫".repeat(4_000))).toBe(`${"𝔫".repeat(3_999)}…`)
  })

  it("the messages on stderr go on in lines that are indented, and have no colours", () => {
    expect(messagesOf("\u001b[31mERROR: a\u001b[0m\r\n  HINT: b\n\n  \nWARN: c\n")).toEqual([
      "ERROR: a HINT: b",
      "WARN: c"
    ])
    expect(messagesOf(undefined)).toEqual([])
  })

  it("PostgreSQL's numbers are its versions", () => {
    expect([150018, 100000, 90624, 90600, 9999, 0].map(postgresVersion)).toEqual([
      "15.18",
      "10.0",
      "9.6.24",
      "9.6.0",
      undefined,
      undefined
    ])
  })
})
