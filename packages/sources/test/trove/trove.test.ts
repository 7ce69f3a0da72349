import { encodeBackup } from "@backup-catalog/core"
import { FastCheck as fc, Option } from "effect"
import { assert, describe, it } from "vitest"
import { trove } from "../../src/trove/trove.ts"
import { detectedBy, inventoryOf, json, refusalOf, sample } from "../support/samples.ts"
import { all, bytesOf, first, record, second, text } from "./answers.ts"

// jq -r '.backups[].id', and the id by Python's uuid.uuid5(namespace, '["eu","trove",ID]').
const rows = [
  ["e2d3dfca-430f-4cd2-bec0-884cd7426f13", "a86051ee-6896-59c7-bbf6-f2ef4ca92586"],
  ["5890e1cc-c5ad-460c-baec-cfdaf2ccf796", "dd8c0a9b-12f1-5fb7-acfb-cda045458504"],
  ["6fdbf0cc-8950-481b-995f-1f041abda2b6", "9fda9478-6cdf-5fe7-81b5-e24efabdb24a"],
  ["b3b8ef8b-36a6-4043-9997-701b34a2b805", "c14f27fc-0b63-55ab-93b0-bbe085575b9c"],
  ["87972694-4be2-40f5-83f8-501656e0032a", "70acf313-c632-55dd-aa39-a1a25e17a20a"],
  ["36d274f5-dfa9-42fc-afee-5f5117a16746", "d74bc536-d36f-59ae-a456-a22117440d79"]
]

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
