import { type Backup, decodeBackup } from "@backup-catalog/core"
import { Either, Option } from "effect"
import { assert, describe, it } from "vitest"
import { trove, troveRecords } from "../../src/trove/trove.ts"
import { descriptionOf, flat, inventoryOf, json } from "../support/samples.ts"
import { all, bytesOf, first, record, second, text } from "./answers.ts"

const one = (members: Record<string, unknown>) => {
  const inventory = inventoryOf(trove, json({ backups: [record(members)] }))
  return { ...inventory, record: inventory.records[0], backup: inventory.records[0]?.backup as Backup }
}

describe("a record of another server", () => {
  it("keeps all that it says, but for its id, its parent's and its project", () => {
    const given = record({
      id: "inc",
      parent_id: "full",
      created: "2026-11-23T18:00:00.123456+01:00",
      description: "x".repeat(16_384),
      locationRef: "s3://b/é",
      datastore: { type: "postgres", version: "15.18", version_id: "v" },
      project_id: "b7bbcd34"
    })
    const backup = Either.getOrThrow(decodeBackup(given))
    const full = { ...backup, id: "full" as Backup["id"] }
    const [copy, parent] = troveRecords([backup, full], { source: "eu" })
    if (copy === undefined || parent === undefined) throw new Error("there are no records")
    const { projectId, ...rest } = backup
    assert.strictEqual(projectId as string | null | undefined, "b7bbcd34")
    assert.deepStrictEqual(copy.backup, {
      ...rest,
      id: copy.backup.id,
      parentId: Option.some(parent.backup.id)
    })
    assert.deepStrictEqual([copy.nativeId, copy.nativeParentId], ["inc", "full"])
  })

  it("has another id for another source, and the same one at every import", () => {
    const idFor = (source: string) => inventoryOf(trove, all, { source }).records[0]?.backup.id
    assert.strictEqual(idFor("eu"), idFor("eu"))
    assert.notStrictEqual(idFor("eu"), idFor("us"))
  })

  it("has no size where the server has none", () => {
    assert.deepStrictEqual(one({ size: null }).backup.size, Option.none())
    assert.deepStrictEqual(one({ size: 0 }).backup.size, Option.some({ unit: "gigabytes", value: 0 }))
  })

  it("is kept with what is on an expired parent", () => {
    const { record: kept, problems, complete } = one({ parent_id: "gone" })
    assert.deepStrictEqual([kept?.nativeParentId, problems.length, complete], ["gone", 0, true])
    assert.isTrue(Option.isSome(kept?.backup.parentId ?? Option.none()))
  })

  it("is FAILED when it is still being made although a later one of its instance is finished", () => {
    const at = (id: string, status: string, created: string, members: Record<string, unknown> = {}) =>
      record({ id, status, name: `${id}-name`, created: `2026-11-23T${created}`, ...members })
    const backups = [
      at("running", "BUILDING", "20:00:00"),
      at("done", "COMPLETED", "18:00:00"),
      at("same", "BUILDING", "18:00:00"),
      at("failed", "FAILED", "19:00:00"),
      at("dead", "BUILDING", "17:00:00", { description: "weekly", updated: "2026-11-23T17:00:09" }),
      at("older", "NEW", "16:00:00", { updated: "2026-11-23T16:00:00" }),
      // A copy of an older one, as RDS makes them: it is as old as that.
      at("copied", "BUILDING", "16:00:00"),
      at("waiting", "SAVING", "16:00:00"),
      at("other", "BUILDING", "16:00:00", { instance_id: "db-2" }),
      at("nobody's", "BUILDING", "16:00:00", { instance_id: null })
    ]
    const { records } = inventoryOf(trove, json({ backups }))
    const why = (status: string) => `its server still says ${status}, but a later backup of the instance is finished`
    assert.deepStrictEqual(
      records
        .filter(({ backup }, n) => backup.status !== backups[n]?.status)
        .map(({ nativeId, backup }) => [nativeId, backup.status, descriptionOf(backup)]),
      [
        ["dead", "FAILED", `${why("BUILDING")}; weekly`],
        ["older", "FAILED", why("NEW")]
      ]
    )
    // The next one that is finished changes nothing of it.
    const next = inventoryOf(trove, json({ backups: [...backups, at("next", "COMPLETED", "18:30:00")] })).records
    assert.deepStrictEqual(
      next.find(({ nativeId }) => nativeId === "dead"),
      records.find(({ nativeId }) => nativeId === "dead")
    )
  })

  it("is FAILED, and reported, when its status is not known", () => {
    const { backup, problems, complete } = one({ status: "SHELVED\u001b", description: "weekly" })
    assert.deepStrictEqual([backup.status, descriptionOf(backup)], ["FAILED", "its server says SHELVED\ufffd; weekly"])
    assert.deepStrictEqual(problems, [
      {
        place: "backups[0].status",
        message:
          "the catalog does not know the status SHELVED\ufffd, so the backup is imported as FAILED: see on the server what became of it"
      }
    ])
    assert.isTrue(complete)
    assert.strictEqual(descriptionOf(one({ status: "x", description: "y".repeat(16_384) }).backup).length, 16_384)
  })

  const sound = { name: "nightly", updated: "2026-11-23T18:05:00.000000Z" }
  it.each([
    [
      { status: null },
      "status",
      "the server gives no status, so the backup is imported as FAILED: see on the server what became of it",
      { ...sound, status: "FAILED" }
    ],
    [
      { status: 5 },
      "status",
      "the server gives no status, so the backup is imported as FAILED: see on the server what became of it",
      { ...sound, status: "FAILED" }
    ],
    [{ name: "" }, "name", "the backup has no name, so it is imported under its id", { ...sound, name: "e1" }],
    [{ name: null }, "name", "the backup has no name, so it is imported under its id", { ...sound, name: "e1" }],
    [
      { name: "n".repeat(300) },
      "name",
      "the name is too long or has control characters, so it is imported in a changed form",
      { ...sound, name: "n".repeat(255) }
    ],
    [
      { updated: null },
      "updated",
      "this is not a time, so the backup is imported as last changed when it was created",
      { ...sound, updated: "2026-11-23T18:00:00.000000Z" }
    ]
  ])("with %j is imported as far as it goes, and reported", (members, member, message, expected) => {
    const given = { id: "e1", name: "nightly", created: "2026-11-23T18:00:00", updated: "2026-11-23T18:05:00" }
    const { backup, problems, complete } = one({ ...given, ...members })
    assert.deepStrictEqual([problems, complete], [[{ place: `backups[0].${member}`, message }], true])
    const { name, status, updated } = flat(backup)
    assert.deepStrictEqual({ name, status, updated }, { status: "COMPLETED", ...expected })
  })

  it("goes without a member that is broken, which is reported", () => {
    const { backup, problems, complete } = one({ size: -1, instance_id: "..", locationRef: "x".repeat(4_097) })
    assert.deepStrictEqual(
      [backup.size, backup.instanceId, backup.locationRef],
      [Option.none(), Option.none(), Option.none()]
    )
    assert.sameMembers(
      problems.map(({ place }) => place),
      ["backups[0].size", "backups[0].instance_id", "backups[0].locationRef"]
    )
    assert.isTrue(complete)
  })

  it.each([
    [{ id: ".." }, 'its id is "..", so it was left out'],
    [{ created: "yesterday" }, 'its created is "yesterday", so it was left out'],
    [{ parent_id: {} }, "its parent_id is an object, so it was left out"],
    [{ retired_at: "yesterday" }, 'its retired_at is "yesterday", so it was left out']
  ])("is left out without %j, and then nothing is retired", (members, message) => {
    const answer = { backups: [record(), record({ id: "b", ...members })] }
    const { records, problems, complete } = inventoryOf(trove, json(answer))
    assert.deepStrictEqual([records.length, complete], [1, false])
    assert.deepStrictEqual(problems, [{ place: "backups[1]", message }])
  })

  it("is left out when its server has retired it, and the others are all that there is", () => {
    const answer = { backups: [record(), record({ id: "b", retired_at: "2026-11-24T18:00:00" })] }
    const { records, problems, complete } = inventoryOf(trove, json(answer))
    assert.deepStrictEqual([records.map(({ nativeId }) => nativeId), problems, complete], [["a"], [], true])
  })

  it("is imported once where pages overlap", () => {
    const { records, problems } = inventoryOf(trove, bytesOf(text(first) + text(first) + text(second)))
    assert.deepStrictEqual([records.length, problems.length], [6, 4])
  })

  it("is without the password of its location", () => {
    const { backup, problems } = one({ locationRef: "https://user:secret@h/x" })
    assert.deepStrictEqual([backup.locationRef, problems], [Option.some("https://user@h/x"), []])
  })

  it("is of the instance that is its source, where that is of several and the answer names none", () => {
    const source = { type: "ha", id: "ha-1" }
    const instanceOf = (members: Record<string, unknown>) => Option.getOrNull(one(members).backup.instanceId)
    assert.strictEqual(instanceOf({ instance_id: null, source }), "ha-1")
    assert.strictEqual(instanceOf({ source }), "db-1")
    assert.strictEqual(instanceOf({ instance_id: null, source: { type: "instance", id: "i" } }), null)
  })
})
