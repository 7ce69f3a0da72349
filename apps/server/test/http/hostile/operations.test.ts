import { CatalogApi } from "@backup-catalog/core/http"
import { HttpApi } from "@effect/platform"
import { assert, describe, it } from "vitest"
import { tokens } from "./fixture.ts"
import { methodRows } from "./methods.ts"
import { auth, type Row } from "./Row.ts"
import { tokenRows } from "./tokenRows.ts"

/** The operations of accounts, each with a pattern of its paths. */
const operations = (() => {
  const all: Array<readonly [name: string, method: string, path: RegExp]> = []
  HttpApi.reflect(CatalogApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint: { name, method, path } }) => {
      if (path.includes(":accountId")) all.push([name, method, new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`)])
    }
  })
  return all
})()

/** The methods and paths of the rows with an answer. */
const askedIn = (rows: ReadonlyArray<Row>, answer: number) =>
  rows
    .filter(({ answers }) => answers.includes(answer))
    .map(({ bytes }) => {
      const [method, target = ""] = bytes.toString("latin1").split(" ", 2)
      return { method, path: target.split("?")[0] ?? "" }
    })

const others = tokenRows.filter(({ bytes }) => bytes.includes(auth(tokens.other)))
const readers = tokenRows.filter(({ bytes }) => bytes.includes(auth(tokens.reader)))

describe("the rows of hostile requests", () => {
  it.each(operations)(
    "try %s with no good token, with another account's and by a role that may not",
    (...operation) => {
      const [name, method, pattern] = operation
      const isTried = (rows: ReadonlyArray<Row>, answer: number) =>
        askedIn(rows, answer).some((asked) => asked.method === method && pattern.test(asked.path))
      assert.isTrue(isTried(tokenRows, 401), `${name} has no row without a token in tokenRows.ts`)
      assert.isTrue(isTried(others, 403), `${name} has no row with another account's token in tokenRows.ts`)
      if (method !== "GET") assert.isTrue(isTried(readers, 403), `${name} has no row of a reader in tokenRows.ts`)
    }
  )

  it.each(operations)("try methods that the resource of %s has not", (name, _, pattern) =>
    assert.isTrue(
      askedIn(methodRows, 405).some(({ path }) => pattern.test(path)),
      `the path of ${name} has no row in methods.ts`
    )
  )
})
