import { FastCheck as fc, Option } from "effect"
import { describe, expect, it } from "vitest"
import { DELTA, entry, FULL, imported, SECOND_DELTA } from "./outputs.ts"

describe("parents in WAL-G", () => {
  it("are looked up by the WAL in the name, in any order of the list", () => {
    const [full, delta, second] = [FULL, DELTA, SECOND_DELTA].map((name) => entry(name))
    const parents = new Map([
      [FULL, undefined],
      [DELTA, FULL],
      [SECOND_DELTA, DELTA]
    ])
    fc.assert(
      fc.property(fc.shuffledSubarray([full, delta, second], { minLength: 3 }), (entries) => {
        for (const { nativeId, nativeParentId, backup } of imported(...entries).records) {
          expect(nativeParentId).toBe(parents.get(nativeId))
          expect(Option.isSome(backup.parentId)).toBe(nativeParentId !== undefined)
        }
      })
    )
  })

  it("a parent that is gone is called as a full backup, and is no problem", () => {
    const { records, problems, complete } = imported(entry(SECOND_DELTA))
    expect(records.map((record) => record.nativeParentId)).toEqual(["base_000000020000000700000043"])
    expect([problems, complete]).toEqual([[], true])
  })

  it("a parent has the same id whether it is in the list or not, and whatever it is on", () => {
    const greenplum = ["backup_20221213T011727Z_D_20221212T151258Z", "backup_20221214T011500Z_D_20221213T011727Z"]
    const detailed = (Name: string, increment_from: string) => ({
      Name,
      gp_version: "6.25.3",
      finish_time: "2022-12-14T01:20:00Z",
      increment_from
    })
    const [older = "", newer = ""] = greenplum
    const chains = [
      [DELTA, SECOND_DELTA].map((name) => entry(name)),
      greenplum.map((name) => entry(name, { wal_file_name: "ZZZZZZZZZZZZZZZZZZZZZZZZ" })),
      [detailed(older, "backup_20221212T151258Z"), detailed(newer, older)]
    ]
    for (const [parent, child] of chains) {
      const [first, second] = imported(parent, child).records
      expect(second?.backup.parentId).toEqual(Option.some(first?.backup.id))
      const [alone] = imported(child).records
      expect([alone?.backup.id, alone?.backup.parentId]).toEqual([second?.backup.id, second?.backup.parentId])
    }
  })

  it("a full backup is the parent where a delta began in the same WAL, and keeps its id", () => {
    const twin = "base_000000020000000700000010_D_000000020000000700000009"
    const [full] = imported(entry(FULL)).records
    const { records } = imported(entry(twin), entry(FULL), entry(DELTA))
    expect(records.map(({ nativeParentId }) => nativeParentId)).toEqual([
      "base_000000020000000700000009",
      undefined,
      FULL
    ])
    expect(records[1]?.backup.id).toBe(full?.backup.id)
    expect(records[2]?.backup.parentId).toEqual(Option.some(full?.backup.id))
  })

  it("are looked up by the time in the name where it is one of Greenplum, whose plain list says no more", () => {
    const [full, delta, second] = [
      "backup_20221212T151258Z",
      "backup_20221213T011727Z_D_20221212T151258Z",
      "backup_20221214T011500Z_D_20221213T011727Z"
    ] as const
    const plain = (name: string) => entry(name, { wal_file_name: "ZZZZZZZZZZZZZZZZZZZZZZZZ" })
    const parentsOf = (...names: ReadonlyArray<string>) =>
      imported(...names.map(plain)).records.map(({ nativeParentId }) => nativeParentId)
    expect(parentsOf(full, delta, second)).toEqual([undefined, full, delta])
    expect(parentsOf(second)).toEqual(["backup_20221213T011727Z"])
    const detailed = { Name: second, gp_version: "6.25.3", finish_time: "2022-12-14T01:20:00Z", increment_from: delta }
    expect(imported(detailed).records.map(({ nativeParentId }) => nativeParentId)).toEqual([delta])
  })

  it("a delta is never on itself, whatever its name says", () => {
    const name = "base_000000010000000000000009_D_000000010000000000000009"
    for (const [record] of [imported(entry(name)).records, imported(entry(name), entry(FULL)).records]) {
      expect(record?.nativeParentId).toBe("base_000000010000000000000009")
      expect(record?.backup.parentId).not.toEqual(Option.some(record?.backup.id))
    }
  })

  it("are in the same storage", () => {
    const far = { storage_name: "far away" }
    const [, , delta] = imported(entry(FULL), entry(FULL, far), entry(DELTA, far)).records
    const [, second] = imported(entry(FULL), entry(FULL, far)).records
    expect(delta?.backup.parentId).toEqual(Option.some(second?.backup.id))
  })

  it("a backup that is listed twice is imported once", () => {
    const { records, problems } = imported(entry(FULL), entry(FULL, { storage_name: "default" }))
    expect(records).toHaveLength(1)
    expect(problems).toEqual([{ place: "[1]", message: expect.stringContaining("twice") }])
  })
})

describe("the ids of WAL-G", () => {
  const WAL = "000000010000000000000030"
  const [first, second] = [`base_${WAL}_00000040`, `base_${WAL}_00000096`]
  const onWal = `base_000000010000000000000032_D_${WAL}`

  const factsOf = (...names: ReadonlyArray<string>) =>
    new Map(
      imported(...names.map((name) => entry(name))).records.map(({ nativeId, nativeParentId, backup }) => [
        nativeId,
        { id: backup.id, parent: nativeParentId, parentId: Option.getOrUndefined(backup.parentId) }
      ])
    )

  it("stay the same when one of two full backups that began in one WAL is gone, and so does what is on them", () => {
    const both = factsOf(first, second, onWal)
    expect(new Set([...both.values()].map(({ id }) => id)).size).toBe(3)
    expect(both.get(onWal)?.parent).toBe(second)
    const rotated = factsOf(second, onWal)
    expect([rotated.get(second), rotated.get(onWal)]).toEqual([both.get(second), both.get(onWal)])
    expect(factsOf(first).get(first)).toEqual(both.get(first))
    expect(factsOf(second, onWal, first)).toEqual(new Map([second, onWal, first].map((name) => [name, both.get(name)])))
  })

  it("stay the same when a delta in the middle of a chain is gone", () => {
    const greenplum = [
      "backup_20221212T151258Z",
      "backup_20221213T011727Z_D_20221212T151258Z",
      "backup_20221214T011500Z_D_20221213T011727Z"
    ] as const
    for (const [full, middle, last] of [[FULL, DELTA, SECOND_DELTA] as const, greenplum]) {
      const all = factsOf(full, middle, last)
      const rest = factsOf(full, last)
      expect(rest.get(full)).toEqual(all.get(full))
      expect(rest.get(last)?.parentId).toBe(all.get(middle)?.id)
      expect(rest.get(last)?.id).toBe(all.get(last)?.id)
    }
  })

  it("of any list are those of its backups in every other one, but of a delta that is called as a full one is", () => {
    const twin = `base_${WAL}_D_000000010000000000000028`
    const names = [first, second, onWal, `base_${WAL}`, FULL, DELTA, SECOND_DELTA]
    const all = factsOf(...names)
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: 1 }), (some) => {
        for (const [name, { id }] of factsOf(...some)) expect(id).toBe(all.get(name)?.id)
        // The full backup keeps its id beside the delta.
        for (const [name, { id }] of factsOf(twin, ...some)) if (name !== twin) expect(id).toBe(all.get(name)?.id)
      })
    )
    expect(factsOf(twin, first, onWal).get(twin)?.id).toBe(all.get(`base_${WAL}`)?.id)
    expect(factsOf(twin, `base_${WAL}`).get(twin)?.id).not.toBe(all.get(`base_${WAL}`)?.id)
  })

  it("of parents are those without an offset before those with one, and the last of these", () => {
    const twin = `base_${WAL}_D_000000010000000000000028`
    const parents = [
      [[], `base_${WAL}`],
      [[second, first], second],
      [[second, twin, first], twin],
      [[second, twin, `base_${WAL}`, first], `base_${WAL}`]
    ] as const
    for (const [listed, parent] of parents) {
      const facts = factsOf(onWal, ...listed)
      expect(facts.get(onWal)?.parent).toBe(parent)
      if (listed.length > 0) expect(facts.get(onWal)?.parentId).toBe(facts.get(parent)?.id)
    }
    // Of those that began in its own WAL, only the first is older for sure.
    const [own, later] = [`${second}_D_${WAL}`, `base_${WAL}_00000112_D_${WAL}`]
    const within = factsOf(first, own, later)
    expect([within.get(own)?.parent, within.get(later)?.parent]).toEqual([first, first])
    expect(factsOf(own, later).get(own)?.parent).toBe(`base_${WAL}`)
  })
})
