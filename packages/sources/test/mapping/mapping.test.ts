import { InstanceId } from "@backup-catalog/core"
import { Effect, FastCheck as fc, Option, Schema } from "effect"
import { assert, describe, it } from "vitest"
import { applyMapping, decodeMapping, type Inventory, importers, pgbackrest, restic } from "../../src/index.ts"
import { inventoryOf, sample } from "../support/samples.ts"

const shop = inventoryOf(pgbackrest, sample("pgbackrest/info.json"))
const [first] = shop.records
if (first === undefined) throw new Error("The sample has no backups.")

const mappingOf = (...instances: ReadonlyArray<object>) => Effect.runSync(decodeMapping({ instances }))

const refusal = (value: unknown): string => Effect.runSync(Effect.flip(decodeMapping(value))).message

const withInstances = (...names: ReadonlyArray<string>): Inventory => ({
  ...shop,
  records: names.map((name) => ({
    ...first,
    backup: { ...first.backup, instanceId: Option.some(InstanceId.make(name)) }
  }))
})

const instancesOf = ({ records }: Inventory) =>
  records.map(({ backup }) => Option.getOrNull(backup.instanceId) as string | null)

const from = { source: "main", tool: "pgbackrest" }

const named = (rules: ReadonlyArray<object>, ...names: ReadonlyArray<string>) =>
  instancesOf(applyMapping(mappingOf(...rules), from, withInstances(...names)))

describe("a mapping", () => {
  it("calls instances by other names, with what their own have in them", () => {
    const rules = [
      { match: String.raw`pg-(\w+)-(?<number>\d+)`, to: "$1/$<number>" },
      { match: "main", to: "shop$$" }
    ]
    assert.deepStrictEqual(named(rules, "pg-shop-01", "main", "other"), ["shop/01", "shop$", "other"])
  })

  it("means whole names", () => {
    assert.deepStrictEqual(named([{ match: "db|web", to: "x" }], "db", "web", "db1", "webdb"), [
      "x",
      "x",
      "db1",
      "webdb"
    ])
    assert.deepStrictEqual(named([{ match: "db", to: "x" }], "DB"), ["DB"])
    assert.deepStrictEqual(named([{ match: "a.c", to: "x" }], "a𝔫c"), ["x"])
  })

  it("takes the first rule that fits", () => {
    const rules = [
      { match: "a.*", to: "first" },
      { match: ".*", to: "second" }
    ]
    assert.deepStrictEqual(named(rules, "ab", "ba"), ["first", "second"])
    assert.deepStrictEqual(
      named(
        [
          { match: "a", to: "b" },
          { match: "b", to: "c" }
        ],
        "a",
        "b"
      ),
      ["b", "c"]
    )
  })

  it("may have a thousand rules", () => {
    assert.lengthOf(mappingOf(...Array(1_000).fill({ match: "a", to: "b" })).instances, 1_000)
  })

  it("has rules for one source or one tool", () => {
    const rules = [
      { match: "a", to: "elsewhere", source: "backup" },
      { match: "a", to: "restic", tool: "restic" },
      { match: "a", to: "here", source: "main", tool: "pgbackrest" }
    ]
    const mapping = mappingOf(...rules)
    const called = (source: string, tool: string) =>
      instancesOf(applyMapping(mapping, { source, tool }, withInstances("a")))
    assert.deepStrictEqual(
      [called("backup", "pgbackrest"), called("main", "restic"), called("main", "pgbackrest"), called("main", "borg")],
      [["elsewhere"], ["restic"], ["here"], ["a"]]
    )
  })

  it("changes no id, and nothing but names of instances", () => {
    const mapped = applyMapping(mappingOf({ match: "(.*)", to: "x-$1" }), from, shop)
    const unnamed = ({ records }: Inventory) =>
      records.map((record) => ({ ...record, backup: { ...record.backup, instanceId: Option.none() } }))
    assert.deepStrictEqual(unnamed(mapped), unnamed(shop))
    assert.deepStrictEqual(
      instancesOf(mapped),
      instancesOf(shop).map((name) => `x-${name}`)
    )
    assert.strictEqual(mapped.complete, shop.complete)
  })

  it("leaves a backup without an instance without one", () => {
    const nameless = { ...shop, records: [{ ...first, backup: { ...first.backup, instanceId: Option.none() } }] }
    assert.deepStrictEqual(applyMapping(mappingOf({ match: ".*", to: "x" }), from, nameless), nameless)
  })

  it.each([
    [{ match: "(a*)", to: "$1$1" }, "a".repeat(200), `"${"a".repeat(99)}…"`],
    [{ match: "a(.*)", to: "$1." }, "a", '"."'],
    [{ match: "a(.*)", to: "$1" }, "a", '""'],
    [{ match: "a", to: "x\u001b" }, "a", '"x\ufffd"'],
    [{ match: "a", to: "\ud800" }, "a", '"\ufffd"']
  ])("that makes no name of one (%j) is reported once, and the name stays", (rule, name, shown) => {
    const mapped = applyMapping(mappingOf(rule), from, withInstances(name, name))
    assert.deepStrictEqual(instancesOf(mapped), [name, name])
    assert.deepStrictEqual(mapped.problems.slice(shop.problems.length), [
      {
        place: name,
        message: `the mapping renames this instance to ${shown}, which is not a valid name, so it keeps its own`
      }
    ])
    assert.strictEqual(mapped.complete, shop.complete)
  })

  it("makes only names that an instance can have", () => {
    const restored = inventoryOf(restic, sample("restic/snapshots.json"))
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 300 }), (to) => {
        const mapping = { instances: [{ match: "(.)(.*)", to }] }
        for (const name of instancesOf(applyMapping(mapping, { source: "a", tool: "restic" }, restored))) {
          assert.isTrue(name === null || Schema.is(InstanceId)(name))
        }
      })
    )
  })
})

describe("a mapping that cannot be used", () => {
  it.each([
    [{ instances: [{ match: "(", to: "x" }] }, "instances[0].match is not a regular expression: unterminated group."],
    [{ instances: [{ match: "a)|(b", to: "x" }] }, "instances[0].match is not a regular expression: unmatched ')'."],
    [
      {
        instances: [
          { match: "a", to: "x" },
          { match: "a: {1", to: "x" }
        ]
      },
      "instances[1].match is not a regular expression: incomplete quantifier."
    ],
    [{ instances: [{ match: "x".repeat(501), to: "x" }] }, "instances[0].match must have 1 to 500 characters."],
    [{ instances: [{ match: "", to: "x" }] }, "instances[0].match must have 1 to 500 characters."],
    [{ instances: [{ match: "a", to: "" }] }, "instances[0].to must have 1 to 500 characters."],
    [
      { instances: [{ match: "(a)", to: "$1$2" }] },
      "instances[0].to must refer only to groups of match, but $2 is not one."
    ],
    [
      { instances: [{ match: "a", to: "$0" }] },
      "instances[0].to must refer only to groups of match, but $0 is not one."
    ],
    [
      { instances: [{ match: "a", to: "b$`" }] },
      "instances[0].to must refer only to groups of match, but $` is not one."
    ],
    [
      { instances: [{ match: "a", to: "$'b" }] },
      "instances[0].to must refer only to groups of match, but $' is not one."
    ],
    [
      { instances: [{ match: "(a)", to: "$<n>" }] },
      "instances[0].to must refer only to groups of match, but $<n> is not one."
    ],
    [
      { instances: [{ match: "a", to: "b", tool: "pgbackup" }] },
      `instances[0].tool must be one of ${importers.map(({ name }) => name).join(" ")}.`
    ],
    [{ instances: [{ match: "a", to: 5 }] }, "instances[0].to must be a text, and is 5."],
    [{ instances: [{ match: "a" }] }, "instances[0].to is missing."],
    [
      { instances: [{ match: "a", to: "b", from: "c" }] },
      "instances[0].from is not known; known are match to source tool."
    ],
    [{ instances: Array(1_001).fill({ match: "a", to: "b" }) }, "instances must have at most 1000 rules."],
    [{}, "instances is missing."],
    [null, "it must be an object, and is null."],
    ["instances", 'it must be an object, and is "instances".']
  ])("is refused: %j", (value, message) => {
    assert.strictEqual(refusal(value), `The mapping cannot be used: ${message}`)
  })

  it("is none where ten groups are named, and ten there are, or one and a digit", () => {
    assert.deepStrictEqual(named([{ match: "(a)".repeat(10), to: "$10" }], "a".repeat(10)), ["a"])
    assert.deepStrictEqual(named([{ match: "(a)b", to: "$10" }], "ab"), ["a0"])
  })
})
