import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { readPaths } from "../../src/folders/pathPattern.ts"

const names = (pattern: string, path: string) => {
  const read = Effect.runSync(readPaths([path], pattern))
  return { ...read.namesOf(path) }
}

const refusal = (pattern: string, path = "a.sql"): string =>
  Effect.runSync(Effect.flip(readPaths([path], pattern))).message

describe("a pattern of paths", () => {
  it.each([
    ["{instance}/{database}-{date}.sql.gz", "db1/crm-20261123.sql.gz", { instance: "db1", database: "crm" }],
    ["{instance}/{database}-{date}.sql.gz", "db1/crm-eu-2026-11-23.sql.gz", { instance: "db1", database: "crm-eu" }],
    ["{database}_{date}.dump", "shop_2026-11-23T1803Z.dump", { database: "shop" }],
    ["{database}_{date}.dump", "été_2026-11-23_18h03.dump", { database: "été" }],
    ["{database}.{date}.sql", "a.b.20261123030000.sql", { database: "a.b" }],
    ["{instance}-{database}.sql", "a-b-c.sql", { instance: "a", database: "b-c" }],
    ["*/{instance}/*", "daily/db1/x.sql", { instance: "db1" }],
    ["**/{database}.sql", "a/b/c.sql", { database: "c" }],
    ["{instance}/{instance}-{date}.sql", "db1/db1-20261123.sql", { instance: "db1" }],
    ["(a+b)[{database}]?.sql", "(a+b)[x]?.sql", { database: "x" }]
  ])("%s reads %s", (pattern, path, expected) => assert.deepStrictEqual(names(pattern, path), expected))

  it.each([
    ["{instance}/{database}.sql", "a.sql"],
    ["{database}.sql", "a.sqlx"],
    ["{database}.sql", "a/b.sql"],
    ["{database}-{date}.sql", "a-monday.sql"],
    ["{instance}/{instance}.sql", "a/b.sql"]
  ])("%s does not fit %s", (pattern, path) => assert.include(refusal(pattern, path), "does not match any"))

  it.each([
    ["{database}-{date}.sql", "x-20261123-20261124.sql", { database: "x-20261123" }],
    ["{database}{date}.sql", "a2026112303.sql", { database: "a" }],
    ["{instance}*{instance}.sql", "abcab.sql", { instance: "ab" }]
  ])("%s reads %s, where more than one way fits a part", (pattern, path, expected) =>
    assert.deepStrictEqual(names(pattern, path), expected)
  )

  it.each([
    "*-*-*-*-*-*-*-*{instance}-{database}-{date}.sql",
    "**-**-**-**-**{instance}-{database}.sql",
    "*-{instance}-*-{instance}-{date}.sql"
  ])("%s does not fit a long name at once", { timeout: 20_000 }, (pattern) => {
    assert.include(refusal(pattern, `${"a-".repeat(120)}x.sql.gz`), "does not match any")
  })

  it.each([
    ["{host}/{database}.sql", "{host}"],
    ["{database.sql", "{"],
    ["database}.sql", "}"],
    ["*.sql", "names nothing"],
    ["", "names nothing"],
    [`{database}${"x".repeat(255)}`, "longer than 255"]
  ])("%s is refused", (pattern, words) => assert.include(refusal(pattern), words))
})

describe("the first part of a path", () => {
  const instanceOf = (part: string) =>
    Effect.runSync(readPaths([`${part}/a.sql`], undefined)).namesOf(`${part}/a.sql`).instance

  it.each([
    ...[
      "2026-11-23",
      "20261123",
      "2026.11.23_shop",
      "2026-11-23T0300Z",
      "20261123-0300",
      "20261123030000",
      "20261123030000123",
      "2026112303"
    ],
    ...["2026-11", "202611", "2026"]
  ])("%s is a date, and no instance", (part) => assert.isUndefined(instanceOf(part)))

  it.each([...["shop", "3306", "10000001", "20261399", "7711507674850741510", "2026-shop", "2026-1", "1066"]])(
    "%s is an instance",
    (part) => assert.strictEqual(instanceOf(part), part)
  )
})
