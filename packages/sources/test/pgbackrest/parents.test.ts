import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { backup, imported, stanza } from "./outputs.ts"

describe("ids and parents in pgBackRest", () => {
  it("are those of a stanza and a repository: one label may be in several", () => {
    const twice = [1, 2].map((key) => backup("20260101-000000F", { database: { id: 1, "repo-key": key } }))
    const { records, problems } = imported(stanza({ backup: twice }), stanza({ name: "other", backup: twice }))
    expect(new Set(records.map((record) => record.backup.id)).size).toBe(4)
    expect(problems.filter(({ message }) => message.includes("twice"))).toEqual([])
  })

  it("stay the same from before there were several repositories", () => {
    const before = imported(stanza({ repo: undefined, backup: [backup("20260101-000000F", { database: { id: 1 } })] }))
    expect(before.records.map((record) => record.backup.id)).toEqual(imported(stanza()).records.map((r) => r.backup.id))
    expect(before.complete).toBe(true)
  })

  it("a parent is in the same repository", () => {
    const full = (key: number) => backup("20260101-000000F", { database: { id: 1, "repo-key": key } })
    const incr = backup("20260101-000000F_20260102-000000I", {
      database: { id: 1, "repo-key": 2 },
      prior: "20260101-000000F",
      type: "incr"
    })
    const [, second, child] = imported(stanza({ backup: [full(1), full(2), incr] })).records
    expect(child?.backup.parentId).toEqual(Option.some(second?.backup.id))
  })

  it("a parent that has expired is kept by its name, and what is on it is told of", () => {
    const incr = backup("20260101-000000F_20260102-000000I", { prior: "20260101-000000F", type: "incr" })
    const gone = imported(stanza({ backup: [incr] }))
    const parent = imported(stanza()).records[0]?.backup.id
    expect(gone.records.map((record) => [record.nativeParentId, record.backup.parentId])).toEqual([
      ["20260101-000000F", Option.some(parent)]
    ])
    expect(gone.complete).toBe(true)
    expect(gone.problems).toEqual([
      {
        place: "main",
        message:
          "20260101-000000F_20260102-000000I is on what is not in the list (20260101-000000F), and so not to be restored, unless the list was cut down by --type"
      }
    ])
  })

  it("a parent that only another repository has is not there, and what is on it is told of", () => {
    const ofSecond = { database: { id: 1, "repo-key": 2 } }
    const incr = backup("20260101-000000F_20260102-000000I", { ...ofSecond, prior: "20260101-000000F", type: "incr" })
    const { problems } = imported(stanza({ backup: [backup("20260101-000000F"), incr] }))
    expect(problems).toEqual([
      { place: "main", message: expect.stringContaining("is on what is not in the list (20260101-000000F)") }
    ])
  })

  it("an increment on nothing is reported and kept", () => {
    const { records, problems } = imported(
      stanza({ backup: [backup("20260101-000000F_20260102-000000I", { type: "incr" })] })
    )
    expect(records.map(({ suspect }) => suspect)).toEqual(["what this incr backup is on is not known"])
    expect(problems).toEqual([{ place: "main[0].prior", message: expect.stringContaining("incr") }])
  })

  it("without a type that is known, the label or the reference of a backup tells that it is on another one", () => {
    const suspect = "what this dependent backup is on is not known"
    const [full, differential, increment] = ["", "_20260102-000000D", "_20260102-000000I"].map(
      (end) => `20260101-000000F${end}`
    )
    for (const type of [null, undefined, "weekly"]) {
      const found = (label = "", members = {}) => imported(stanza({ backup: [backup(label, { type, ...members })] }))
      for (const answer of [
        found(differential),
        found(increment, { prior: undefined }),
        found(full, { reference: ["20251231-000000F"] })
      ]) {
        expect(answer.records.map((record) => record.suspect)).toEqual([suspect])
        expect(answer.problems).toEqual([{ place: "main[0].prior", message: `it is missing, so ${suspect}` }])
      }
      for (const answer of [found(full), found(full, { reference: [] }), found(increment, { prior: full })]) {
        expect(answer.records.map((record) => record.suspect)).toEqual([undefined])
      }
    }
  })

  it("a backup that is listed twice is imported once", () => {
    const { records, problems } = imported(stanza({ backup: [backup("20260101-000000F"), backup("20260101-000000F")] }))
    expect(records).toHaveLength(1)
    expect(problems).toEqual([{ place: "main[1]", message: expect.stringContaining("twice") }])
  })

  it("two backups of one label that differ are two of which one is missing, so nothing is retired", () => {
    const [one, other] = [backup("20260101-000000F"), backup("20260101-000000F", { error: true })]
    const { records, problems, complete } = imported(stanza({ backup: [one, other] }))
    expect([records.length, complete]).toEqual([1, false])
    expect(problems).toEqual([{ place: "main[1]", message: expect.stringContaining("twice and differently") }])
  })

  it("two stanzas of one name that have no database in common are of two hosts, so nothing is retired", () => {
    const upgraded = [1, 2].map((system) => ({ id: system, "repo-key": 1, "system-id": system, version: "15" }))
    const second = [backup("20260102-000000F")]
    const apart = imported(stanza(), stanza({ backup: second, db: [{ id: 1, "repo-key": 1, "system-id": 3 }] }))
    expect([apart.records.length, apart.complete]).toEqual([2, false])
    expect(apart.problems).toEqual([
      {
        place: "[1]",
        message: "another stanza is called main and is of other databases: import each as a source of its own"
      }
    ])
    expect(imported(stanza(), stanza({ backup: second, db: upgraded }))).toMatchObject({ complete: true, problems: [] })
  })
})
