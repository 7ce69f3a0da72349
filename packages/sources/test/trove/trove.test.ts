import { type Backup, decodeBackup, encodeBackup } from "@backup-catalog/core"
import { Either, FastCheck as fc, Option } from "effect"
import { assert, describe, it } from "vitest"
import { jsonValues } from "../../src/reading/jsonValues.ts"
import { trove, troveRecords } from "../../src/trove/trove.ts"
import {
  allSamples,
  descriptionOf,
  detectedBy,
  flat,
  inventoryOf,
  json,
  refusalOf,
  sample
} from "../support/samples.ts"

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value)

const [first, second, all] = ["page-1", "page-2", "all"].map((name) => sample(`trove/${name}.json`)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array
]

// jq -r '.backups[].id', and the id by Python's uuid.uuid5(namespace, '["eu","trove",ID]').
const rows = [
  ["e2d3dfca-430f-4cd2-bec0-884cd7426f13", "a86051ee-6896-59c7-bbf6-f2ef4ca92586"],
  ["5890e1cc-c5ad-460c-baec-cfdaf2ccf796", "dd8c0a9b-12f1-5fb7-acfb-cda045458504"],
  ["6fdbf0cc-8950-481b-995f-1f041abda2b6", "9fda9478-6cdf-5fe7-81b5-e24efabdb24a"],
  ["b3b8ef8b-36a6-4043-9997-701b34a2b805", "c14f27fc-0b63-55ab-93b0-bbe085575b9c"],
  ["87972694-4be2-40f5-83f8-501656e0032a", "70acf313-c632-55dd-aa39-a1a25e17a20a"],
  ["36d274f5-dfa9-42fc-afee-5f5117a16746", "d74bc536-d36f-59ae-a456-a22117440d79"]
]

const record = (members: Record<string, unknown> = {}) => ({
  id: "a",
  name: "nightly",
  description: null,
  status: "COMPLETED",
  created: "2026-11-23T18:00:00",
  updated: "2026-11-23T18:05:00",
  size: 0.5,
  instance_id: "db-1",
  parent_id: null,
  locationRef: null,
  ...members
})

const one = (members: Record<string, unknown>) => {
  const inventory = inventoryOf(trove, json({ backups: [record(members)] }))
  return { ...inventory, record: inventory.records[0], backup: inventory.records[0]?.backup as Backup }
}

describe("saved answers of a server of this API", () => {
  it("are the records that the server has, under ids of this source", () => {
    const { records, problems, complete } = inventoryOf(trove, all, { source: "eu" })
    assert.deepStrictEqual(
      records.map(({ nativeId, backup }) => [nativeId, backup.id as string]),
      rows
    )
    assert.deepStrictEqual([problems, complete], [[], true])
    const given = JSON.parse(text(all)).backups
    assert.deepStrictEqual(
      records.map(({ backup }, n) => ({ ...encodeBackup(backup), id: rows[n]?.[0] })),
      given
    )
  })

  it("are the same records when they come as pages, whatever is between the pages", () => {
    const whole = inventoryOf(trove, all)
    for (const between of ["", "\n", " \r\n\t"]) {
      const pages = inventoryOf(trove, bytesOf(text(first) + between + text(second)))
      assert.deepStrictEqual(pages, whole)
    }
    const lines = [first, second].map((page) => JSON.stringify(JSON.parse(text(page)))).join("\n")
    assert.deepStrictEqual(inventoryOf(trove, bytesOf(lines)), whole)
    const indented = [first, second].map((page) => JSON.stringify(JSON.parse(text(page)), null, 2)).join("\n")
    assert.deepStrictEqual(inventoryOf(trove, bytesOf(indented)), whole)
  })

  it("are not all when the last one has a next link", () => {
    const { records, problems, complete, isPart } = inventoryOf(trove, first)
    assert.deepStrictEqual([records.length, complete, isPart], [4, false, true])
    assert.deepStrictEqual(problems, [
      {
        place: "links",
        message: "more pages follow and were not given, so backups are missing: save the pages behind this link, too"
      }
    ])
    const wrongOrder = inventoryOf(trove, bytesOf(text(second) + text(first)))
    assert.deepStrictEqual(
      [wrongOrder.complete, wrongOrder.isPart, wrongOrder.problems.map(({ place }) => place)],
      [false, undefined, ["[0]", "[1].links"]]
    )
  })

  it("are not all when one has no next link and another one follows, as a list of yesterday before today's", () => {
    const [yesterday, today] = [record({ status: "BUILDING" }), record({ description: "today" })]
    const appended = [{ backups: [yesterday, record({ id: "b" })] }, { backups: [today] }]
    const { records, problems, complete, isPart } = inventoryOf(
      trove,
      bytesOf(appended.map((answer) => JSON.stringify(answer)).join("\n"))
    )
    assert.deepStrictEqual(
      records.map(({ nativeId, backup }) => [nativeId, backup.status, Option.getOrNull(backup.description)]),
      [
        ["b", "COMPLETED", null],
        ["a", "COMPLETED", "today"]
      ]
    )
    assert.deepStrictEqual(problems, [
      {
        place: "[0].backups[0]",
        message: "the backup a is in a later answer as well, and was imported as it is there"
      },
      { place: "[0]", message: "this is the last page of a list, and other answers follow: import each list by itself" }
    ])
    assert.deepStrictEqual([complete, isPart], [false, undefined])
  })

  it("are not all when a page is missing by a link that counts them, as those of OpenStack's Trove do", () => {
    const page = (ids: ReadonlyArray<string>, marker?: string) => ({
      backups: ids.map((id) => record({ id })),
      links: marker === undefined ? [] : [{ rel: "next", href: `https://x/v1.0/1/backups?limit=2&marker=${marker}` }]
    })
    const read = (...pages: ReadonlyArray<object>) =>
      inventoryOf(trove, bytesOf(pages.map((one) => JSON.stringify(one)).join("")))
    assert.isTrue(read(page(["a", "b"], "2"), page(["c", "d"], "4"), page(["e"])).complete)
    const { problems, complete, isPart } = read(page(["c", "d"], "4"), page(["e"]))
    assert.deepStrictEqual([complete, isPart], [false, undefined])
    assert.deepStrictEqual(problems, [
      {
        place: "[0].links",
        message:
          "by this link, 4 backups come before the next answer, but 2 were given, so a page is missing or was given twice: save all pages again, in their order"
      }
    ])
    assert.isFalse(read(page(["a", "b"], "2"), page(["a", "b"], "2"), page(["c"])).complete)
    assert.isUndefined(read(page(["a", "b"], "2"), page(["e", "f"], "6")).isPart)
    for (const pages of [[page(["a", "b"], "2"), page(["c", "d"], "4")], [page(["c", "d"], "4")]]) {
      assert.isTrue(read(...pages).isPart)
    }
    // Markers that are ids count nothing.
    assert.isTrue(read(page(["17", "12"], "12"), page(["9"])).complete)
  })

  it("are not all with a next link in another form", () => {
    const link = { rel: "next", href: "https://trove.example.net/v1.0/1234/backups?marker=20" }
    for (const [member, links] of [
      ["backups_links", [link]],
      ["backups_links", link],
      ["links", link]
    ] as const) {
      const { problems, complete } = inventoryOf(trove, json({ backups: [record()], [member]: links }))
      assert.deepStrictEqual([complete, problems.map(({ place }) => place)], [false, [member]])
    }
  })

  it("are all when their links lead elsewhere, or there is none", () => {
    for (const links of [[], [{ rel: "self", href: "https://x" }], null]) {
      assert.isTrue(inventoryOf(trove, json({ backups: [record()], links })).complete)
    }
  })

  it("are of no backups where the server has none", () => {
    assert.deepStrictEqual(inventoryOf(trove, sample("trove/none.json")), { records: [], problems: [], complete: true })
  })

  it("are recognised, and nothing else is", () => {
    assert.deepStrictEqual(detectedBy(trove.detect), [
      "trove/all.json",
      "trove/documented.json",
      "trove/mysql.json",
      "trove/none.json",
      "trove/page-1.json",
      "trove/page-2.json"
    ])
    assert.isTrue(trove.detect(bytesOf(text(first) + text(second))))
    assert.isTrue(trove.detect(first.subarray(0, 2_000)))
    assert.isFalse(trove.detect(bytesOf('{"backups":[{"backup_id":"20261123T175347","status":"DONE"}]}')))
    assert.isFalse(trove.detect(bytesOf('{"backups":[{"backup_id":"2026')))
    assert.isFalse(trove.detect(bytesOf("[]")))
    assert.isFalse(trove.detect(bytesOf('{"backup":{}}')))
    // As other services answer.
    assert.isFalse(
      trove.detect(bytesOf('{"backups":[{"id":1,"created":"2026-11-23T18:00:00+00:00","status":"available"}]}'))
    )
  })
})

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

describe("what is no list of backups", () => {
  it("is refused with the words of the server", () => {
    assert.strictEqual(
      refusalOf(trove, sample("trove/unauthorized.json")),
      "The server did not answer with a list of backups, but said: The token in X-Auth-Token is not known or has expired; ask for a new one."
    )
  })

  it.each([
    ["[]", "This is not a list of backups of Trove: give"],
    ['{"backup":{"id":"a"}}', "This is not a list of backups of Trove: give"],
    ['{"backups":{}}', "This is not a list of backups of Trove: give"],
    ['{"backups":[]} and more', "This is not JSON of Trove; it begins with: and more"],
    ['{"backups":[', "This is not JSON of Trove"],
    ["<html>502 Bad Gateway</html>", "it begins with: <html>502 Bad Gateway</html>"],
    ["", "Trove printed nothing"]
  ])("%s is refused", (given, words) => assert.include(refusalOf(trove, bytesOf(given)), words))

  it("is refused where its backups are of two projects, which may have one id", () => {
    const [mine, other] = ["p1", "p2"].map((project_id) => record({ project_id }))
    assert.strictEqual(
      refusalOf(trove, json({ backups: [mine, other] })),
      "These are backups of more than one project (p1, p2): import those of each as a source of its own."
    )
    assert.strictEqual(inventoryOf(trove, json({ backups: [mine, record({ id: "b" })] })).records.length, 2)
  })

  it("is refused where the second of two answers is none, or was cut off", () => {
    assert.include(
      refusalOf(trove, bytesOf(text(first) + text(sample("trove/unauthorized.json")))),
      "but said: The token"
    )
    assert.include(refusalOf(trove, bytesOf(text(first) + text(second).slice(0, -30))), "This is not JSON of Trove")
  })

  it("is refused where bytes are not UTF-8, or where something was said on stderr", () => {
    const broken = bytesOf(text(all))
    broken[20] = 0xff
    assert.include(refusalOf(trove, broken), "This is not JSON of Trove")
    assert.include(refusalOf(trove, all, { stderr: "curl: (22) 503\n" }), "curl: (22) 503")
  })

  it("never makes the importer crash, wherever an answer is cut", () => {
    fc.assert(
      // Up to the last brace, behind which there may be a line break.
      fc.property(fc.nat(bytesOf(text(first).trimEnd()).length - 1), (length) => {
        assert.notStrictEqual(refusalOf(trove, first.subarray(0, length)), "")
      })
    )
  })
})

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
