import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { pgbackrest } from "../../src/pgbackrest/pgbackrest.ts"
import { allSamples, descriptionOf, refusalOf, sample } from "../support/samples.ts"
import { type Row, read, rows } from "./outputs.ts"

/** Stanza, repository, label, start and stop in seconds, bytes, prior, whether it is suspect, and the id. */
type RepositoryRow = readonly [string, string, string, number, number, number, string | null, boolean, string]

// pgBackRest 2.55.1, `info --output=json`: jq as above, with .database["repo-key"] and .error or an
// older .database.id than the last, and Python for the id.
const repositoryRows: ReadonlyArray<RepositoryRow> = [
  [
    "9.мага#зин-1",
    "1",
    "20261129-112822F",
    1795951702,
    1795951705,
    3443327,
    null,
    false,
    "aec0d38d-3479-5455-9927-46eef2188db3"
  ],
  [
    "9.мага#зин-1",
    "2",
    "20261129-112825F",
    1795951705,
    1795951706,
    3461888,
    null,
    false,
    "ede9791d-1f34-59b4-923d-63bdb58a9cc2"
  ],
  [
    "9.мага#зин-1",
    "1",
    "20261129-112822F_20261129-112826D",
    1795951706,
    1795951708,
    625560,
    "20261129-112822F",
    false,
    "7ccf7171-fc1a-54db-b85c-0dae305caafb"
  ],
  [
    "9.мага#зин-1",
    "2",
    "20261129-112825F_20261129-112828I",
    1795951708,
    1795951709,
    550792,
    "20261129-112825F",
    false,
    "3147059a-e0ff-561d-9dff-b2c2d7f19f8b"
  ],
  [
    "9.мага#зин-1",
    "2",
    "20261129-112825F_20261129-112829I",
    1795951709,
    1795951710,
    9200,
    "20261129-112825F_20261129-112828I",
    false,
    "74d3688a-1da6-5bb6-873c-4ccdb7987ce3"
  ],
  [
    "9.мага#зин-1",
    "1",
    "20261129-112822F_20261129-112830I",
    1795951710,
    1795951711,
    577275,
    "20261129-112822F_20261129-112826D",
    false,
    "4ca754d1-df58-55e2-9647-dfdf5dd22c11"
  ],
  [
    "shop",
    "1",
    "20261129-112831F",
    1795951711,
    1795951715,
    3443285,
    null,
    true,
    "53df32f3-8ba4-5064-a9fe-88943a469ec6"
  ],
  [
    "shop",
    "1",
    "20261129-112836F",
    1795951716,
    1795951718,
    3443521,
    null,
    true,
    "5f2cb399-b376-5ef7-b237-998cbf809288"
  ],
  [
    "shop",
    "1",
    "20261129-112836F_20261129-112839I",
    1795951719,
    1795951720,
    394,
    "20261129-112836F",
    true,
    "4186ffeb-ce55-5d67-b665-e93bf3f6e081"
  ],
  [
    "shop",
    "2",
    "20261129-112939F",
    1795951779,
    1795951783,
    2897736,
    null,
    false,
    "bc5dcbd3-0bd5-54f7-94a7-71264169121b"
  ],
  [
    "shop",
    "1",
    "20261129-112943F",
    1795951783,
    1795951786,
    2861689,
    null,
    false,
    "f665ddaf-005d-5fd5-be5b-ffbebe7c7776"
  ],
  [
    "shop",
    "1",
    "20261129-112943F_20261129-112947D",
    1795951787,
    1795951788,
    370,
    "20261129-112943F",
    false,
    "2d845e04-954c-5609-8d57-692089f3ffcb"
  ]
]

const rowsOf = (file: string): ReadonlyArray<Row> =>
  read(file, { source: "prod" }).records.map(({ backup, nativeId, nativeParentId }) => [
    Option.getOrThrow(backup.instanceId),
    nativeId,
    Number(backup.created) / 1e6,
    Number(backup.updated) / 1e6,
    Number(Option.getOrThrow(backup.size).value),
    nativeParentId ?? null,
    backup.id
  ])

describe("the samples of pgBackRest", () => {
  it("info of all stanzas is read to the second and the byte", () => {
    expect(rowsOf("info.json")).toEqual(rows)
    expect(read("info.json")).toMatchObject({ complete: true, problems: [] })
  })

  it("info of one stanza gives the same backups, with the same ids", () => {
    expect(rowsOf("info-stanza-shop.json")).toEqual(rows.filter(([name]) => name === "shop"))
    expect(read("info-stanza-shop.json").complete).toBe(true)
  })

  it("two repositories, of which one is encrypted and has block increments, a stanza-upgrade and damaged pages", () => {
    const found = read("info-2.55.json", { source: "prod" })
    const shown = found.records.map(({ backup: one, nativeId, nativeParentId, suspect }) => [
      Option.getOrThrow(one.instanceId),
      /repository (\d+)/.exec(descriptionOf(one))?.[1],
      nativeId,
      Number(one.created) / 1e6,
      Number(one.updated) / 1e6,
      Number(Option.getOrThrow(one.size).value),
      nativeParentId ?? null,
      suspect !== undefined,
      one.id
    ])
    expect(shown).toEqual(repositoryRows)
    const idOf = new Map(repositoryRows.map((row) => [row.slice(0, 3).join(), row[8]]))
    for (const [n, [stanza, key, , , , , prior]] of repositoryRows.entries()) {
      const parent = prior === null ? undefined : idOf.get([stanza, key, prior].join())
      expect(Option.getOrUndefined(found.records[n]?.backup.parentId ?? Option.none())).toBe(parent)
    }
    expect([found.complete, found.problems]).toEqual([true, []])
  })

  it("an encrypted repository is named as one", () => {
    expect(rowsOf("info-encrypted.json").map((row) => row.slice(0, 6))).toEqual([
      ["shop", "20261123-175050F", 1795456250, 1795456252, 4936512, null],
      ["shop", "20261123-175050F_20261123-175054I", 1795456254, 1795456255, 222624, "20261123-175050F"]
    ])
    expect(read("info-encrypted.json").records.map(({ backup: one }) => descriptionOf(one))).toEqual([
      "full; repository 1 (aes-256-cbc)",
      "incr, on 20261123-175050F; repository 1 (aes-256-cbc)"
    ])
  })

  it("the answer to --set has its backup, whose parents are not in it, and is never all", () => {
    for (const [label, prior] of [
      ["20261123-175009F_20261123-175017I", "20261123-175009F_20261123-175015D"],
      ["20261123-175009F_20261123-175022I", "20261123-175009F_20261123-175017I"]
    ]) {
      const { records, complete, isPart, problems } = read(`info-set-${label}.json`, { source: "prod" })
      expect(records.map(({ nativeId, nativeParentId }) => [nativeId, nativeParentId])).toEqual([[label, prior]])
      const parent = rows.find(([, native]) => native === prior)?.[6]
      expect(records.map((record) => Option.getOrNull(record.backup.parentId))).toEqual([parent])
      expect([complete, isPart]).toEqual([false, true])
      expect(problems).toHaveLength(1)
    }
  })

  it("no stanza and no backups are an empty list", () => {
    expect(read("info-before-stanza-create.json")).toEqual({ records: [], problems: [], complete: true })
    expect(read("info-no-backups.json")).toEqual({ records: [], problems: [], complete: true })
  })

  it("a stanza that is not there is an empty list that is not all", () => {
    const { records, complete, problems } = read("info-missing-stanza.json")
    expect([records, complete]).toEqual([[], false])
    expect(problems).toEqual([
      { place: "shop.repo[0].status", message: expect.stringContaining("missing stanza path") }
    ])
  })

  it("the text of info, which tells times without a zone, is refused with the command to run", () => {
    for (const path of allSamples().filter((one) => /^pgbackrest\/.*\.txt$/.test(one))) {
      expect(refusalOf(pgbackrest, sample(path))).toContain("pgbackrest info --output=json")
    }
  })

  it("are known for what they are, and no sample of another tool is", () => {
    const own = (path: string) =>
      /^pgbackrest\/info.*\.json$/.test(path) && !path.endsWith("info-before-stanza-create.json")
    expect(allSamples().filter((path) => pgbackrest.detect(sample(path)))).toEqual(allSamples().filter(own))
  })

  it("read twice give the same", () => {
    expect(read("info.json")).toEqual(read("info.json"))
  })
})
