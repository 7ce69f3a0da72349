import { Backup } from "@backup-catalog/core"
import { FastCheck as fc, Option, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { pgbackrest } from "../../src/pgbackrest/pgbackrest.ts"
import { at, inventoryOf, json, refusalOf, sample } from "../support/samples.ts"
import { backup, imported, rows, stanza, utf8 } from "./outputs.ts"

const repositoryWithError = {
  cipher: "aes-256-cbc",
  key: 1,
  status: { code: 99, message: "[CryptoError] unable to decrypt RAW" }
}

const text = (_: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value)

describe("a damaged answer of pgBackRest", () => {
  it("an entry that is broken is left out and reported, and the rest is imported", () => {
    const broken = [null, 7, {}, backup("", {}), { ...backup("x"), label: 5 }]
    const { records, problems, complete } = imported(
      stanza({ backup: [...broken, backup("20260101-000000F")] }),
      "nonsense",
      stanza({ name: "other" })
    )
    expect(records.map((record) => record.nativeId)).toEqual(["20260101-000000F", "20260101-000000F"])
    expect(problems.map(({ place }) => place)).toEqual(["main[0]", "main[1]", "main[2]", "main[3]", "main[4]", "[1]"])
    expect(complete).toBe(false)
  })

  it("a member that is broken is ignored and reported, and the entry is imported without it", () => {
    const odd = {
      info: { delta: -1, repository: { delta: "10" } },
      timestamp: { start: "soon", stop: 8 }
    }
    const { records, problems, complete } = imported(stanza({ backup: [backup("20260101-000000F", odd)] }))
    expect(records.map(({ backup: one }) => [one.created, one.size])).toEqual([[8_000_000n, Option.none()]])
    expect(problems.map(({ place }) => place).toSorted()).toEqual([
      "main[0].info.delta",
      "main[0].info.repository.delta",
      "main[0].timestamp.start"
    ])
    expect(complete).toBe(true)
  })

  it("a backup whose repository, database or prior cannot be read is left out, and then nothing is retired", () => {
    for (const odd of [
      { database: { id: 1, "repo-key": "2" } },
      { database: { id: {}, "repo-key": 1 } },
      { database: 5 },
      { prior: ["20260101-000000F"], type: "incr" }
    ]) {
      const answer = imported(stanza({ backup: [backup("20260101-000000F", odd), backup("20260102-000000F")] }))
      expect(answer.records.map(({ nativeId }) => nativeId)).toEqual(["20260102-000000F"])
      expect([answer.problems.map(({ place }) => place), answer.complete]).toEqual([["main[0]"], false])
    }
  })

  it("a stanza whose list of databases or repositories cannot be read retires nothing", () => {
    for (const odd of [{ db: [{ id: "2" }] }, { db: 5 }, { repo: "one" }, { repo: [...stanza().repo, "two"] }]) {
      const answer = imported(stanza(odd))
      expect([answer.records.length, answer.problems.length, answer.complete]).toEqual([1, 1, false])
    }
  })

  it("a time that no calendar has is ignored and reported", () => {
    const text = JSON.stringify([stanza()]).replace('"start":1795456234', '"start":99999999999999999999')
    const { records, problems } = inventoryOf(pgbackrest, utf8.encode(text))
    expect(records.map((record) => at(record.backup.created))).toEqual(["2026-11-23T17:50:45.000000Z"])
    expect(problems.map(({ place }) => place)).toEqual(["main[0].timestamp.start"])
  })

  it("bytes that are no text, as with a wrong passphrase, are refused with where to look", () => {
    const text = JSON.stringify([stanza({ repo: [repositoryWithError] })])
    const [before = "", after = ""] = text.split("RAW")
    const bytes = new Uint8Array([...utf8.encode(before), 0xff, 0x00, 0x22, 0x80, ...utf8.encode(after)])
    const refusal = refusalOf(pgbackrest, bytes)
    expect(refusal).toContain("repo-cipher-pass")
    expect(refusal).toContain("[CryptoError] unable to decrypt")
    expect(pgbackrest.detect(bytes)).toBe(true)
  })

  it("bytes that are no text are not the passphrase's where nothing is encrypted and nothing else is wrong", () => {
    const refused = (text: string) => {
      const [before = "", after = ""] = text.split("RAW")
      return refusalOf(pgbackrest, new Uint8Array([...utf8.encode(before), 0xe9, ...utf8.encode(after)]))
    }
    const annotated = (members: Record<string, unknown> = {}) =>
      JSON.stringify([stanza({ backup: [backup("20260101-000000F", { annotation: { why: "RAW" } })], ...members })])
    expect(refused(annotated())).toMatch(/^This is not JSON of pgBackRest \(it is not UTF-8\).*give what/s)
    expect(refusalOf(pgbackrest, utf8.encode(`${JSON.stringify([stanza()])}\u0000`))).toMatch(
      /^This is not JSON of pgBackRest \(something follows behind its end\)/
    )
    const encrypted = { cipher: "aes-256-cbc", key: 2, status: { code: 0, message: "ok" } }
    expect(refused(annotated({ repo: [...stanza().repo, encrypted] }))).toContain("repo-cipher-pass")
    expect(refused(annotated({ status: { code: 99, message: "other" } }))).toContain(
      "repo-cipher-pass). It says: other"
    )
  })

  it("an answer that was cut off is refused, wherever it was", () => {
    const whole = sample("pgbackrest/info.json").subarray(0, -1)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (end) => {
        expect(refusalOf(pgbackrest, whole.subarray(0, end)).length).toBeGreaterThan(20)
      }),
      { numRuns: 50 }
    )
  })

  it("the answer of another tool is refused in a sentence", () => {
    for (const other of [[{ time: "x", tree: "y" }], { servers: {} }, "text", 5, null, [[]]]) {
      expect(refusalOf(pgbackrest, json(other))).toBe(
        "This is not an answer of pgBackRest: give what `pgbackrest info --output=json` printed."
      )
    }
    expect(refusalOf(pgbackrest, utf8.encode(" \n"))).toContain("printed nothing")
  })

  it("no value in place of another crashes it", () => {
    const paths = ["label", "type", "prior", "error", "annotation", "database", "info", "timestamp"]
    fc.assert(
      fc.property(fc.subarray(paths), fc.jsonValue(), fc.jsonValue(), (names, value, state) => {
        const odd = Object.fromEntries(names.map((name) => [name, value]))
        const { records } = imported(stanza({ backup: [backup("x", odd)], status: state, repo: [state], db: value }))
        for (const record of records) expect(Schema.is(Backup)(record.backup)).toBe(true)
      })
    )
  })

  it("the order of its entries changes no record", () => {
    const backups = rows.map(([, label]) => backup(label))
    const whole = new Set(imported(stanza({ backup: backups })).records.map((record) => JSON.stringify(record, text)))
    fc.assert(
      fc.property(fc.shuffledSubarray(backups, { minLength: backups.length }), (shuffled) => {
        const found = imported(stanza({ backup: shuffled })).records.map((record) => JSON.stringify(record, text))
        expect(new Set(found)).toEqual(whole)
      })
    )
  })
})
