import { Schema } from "effect"
import { assert, describe, it } from "vitest"
import { DEFAULT_MAX_AGE, MaxAge, maxAgeMillis, maxAgesOf, noPolicy, Policy } from "../src/index.ts"

const decode = Schema.decodeUnknownSync(Policy)

describe("how old a backup may be", () => {
  const rules = [
    { instance: "db-*", datastore: "mysql", max_age: "1h" },
    { instance: "db-1", max_age: "2h" },
    { datastore: "post*", max_age: "3h" },
    { instance: "*-never", max_age: "36500d" }
  ]
  const own = decode({ max_age: "4h", rules })
  const server = decode({ max_age: "5h", rules: [{ instance: "web-*", max_age: "6h" }] })
  const onlyRules = decode({ rules })

  it.each([
    ["the first rule that fits", own, server, "db-1", "MySQL", "1h"],
    ["a later rule where the datastore is another", own, server, "db-1", "redis", "2h"],
    ["a later rule where the datastore is not known", own, server, "db-1", undefined, "2h"],
    ["a rule of a datastore in any case", own, server, "x", "POSTGRESQL", "3h"],
    ["no rule of an instance in another case", own, server, "DB-1", undefined, "4h"],
    ["the account's own before any rule of the server", own, server, "web-1", undefined, "4h"],
    ["the server's rule where the account says nothing", onlyRules, server, "web-1", undefined, "6h"],
    ["the server's own where no rule fits", onlyRules, server, "x", undefined, "5h"],
    ["the account's rule before all of the server's", onlyRules, server, "web-never", undefined, "36500d"],
    ["the default where nobody says anything", noPolicy, noPolicy, "x", undefined, DEFAULT_MAX_AGE]
  ] as const)("is that of %s", (_, account, ofServer, instance, datastore, expected) => {
    assert.strictEqual(maxAgesOf(account, ofServer)(instance, datastore), expected)
  })

  it("is that of a rule of a datastore in whatever case the rule has it, and of none where no datastore is known", () => {
    const ageOf = (datastore: string) => maxAgesOf(decode({ rules: [{ datastore, max_age: "9h" }] }), noPolicy)
    for (const type of ["postgresql", "POSTGRESQL"]) assert.strictEqual(ageOf("PostgreSQL")("x", type), "9h")
    assert.strictEqual(ageOf("*")("x", "redis"), "9h")
    assert.strictEqual(ageOf("*")("x", undefined), DEFAULT_MAX_AGE)
  })

  it("is a rule of everything when it names neither", () => {
    assert.strictEqual(maxAgesOf(decode({ rules: [{ max_age: "9h" }] }), noPolicy)("x", undefined), "9h")
  })

  it("is from a minute to 36,500 days", () => {
    const isAge = Schema.is(MaxAge)
    for (const good of ["1m", "60s", "60000ms", "26h", "7d", "4w", "36500d", "876000h"])
      assert.isTrue(isAge(good), good)
    for (const bad of [
      "59s",
      "59999ms",
      "0h",
      "36501d",
      "5215w",
      "1",
      "",
      "h",
      "-1h",
      "1.5h",
      "1 h",
      "26H",
      "1y",
      "999999999w"
    ]) {
      assert.isFalse(isAge(bad), bad)
    }
    assert.strictEqual(maxAgeMillis(MaxAge.make("26h")), 93_600_000)
  })
})

describe("a policy", () => {
  it("has no rules and shows no metrics unless it says so", () => {
    assert.deepStrictEqual(decode({}), { rules: [], metrics: false })
  })

  it.each([
    ["a rule without an age", { rules: [{ instance: "x" }] }],
    ["an empty pattern", { rules: [{ instance: "", max_age: "1h" }] }],
    ["a pattern of half a character", { rules: [{ instance: "\ud800*", max_age: "1h" }] }],
    ["a pattern with a control character", { rules: [{ datastore: "\u0000*", max_age: "1h" }] }],
    ["a pattern of 256 characters", { rules: [{ instance: "x".repeat(256), max_age: "1h" }] }],
    ["1,001 rules", { rules: Array(1001).fill({ max_age: "1h" }) }],
    ["an age of a number", { max_age: 26 }],
    ["null", { max_age: null }],
    ["metrics of a text", { metrics: "true" }]
  ])("with %s is none", (_, policy) => {
    assert.throws(() => decode(policy))
  })

  it("may have a hundred rules", () => {
    assert.lengthOf(decode({ rules: Array(100).fill({ max_age: "1h" }) }).rules, 100)
  })
})
