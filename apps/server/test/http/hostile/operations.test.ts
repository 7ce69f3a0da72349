import { type AccountOperation, CatalogApi } from "@backup-catalog/core/http"
import { HttpApi } from "@effect/platform"
import { Option, SchemaAST } from "effect"
import { assert, describe, it } from "vitest"
import { accountOperations } from "../../../src/http/accountOperations.ts"
import { isAccountOperation } from "../../../src/http/operations.ts"
import { tokens } from "./fixture.ts"
import { methodRows } from "./methods.ts"
import { auth, type Row } from "./Row.ts"
import { themes } from "./rows.ts"
import { tokenRows } from "./tokenRows.ts"

interface Operation {
  readonly method: string
  /** What its paths look like. */
  readonly pattern: RegExp
  /** Whether its path has the id of something in it. */
  readonly isOfOne: boolean
  readonly params: ReadonlyArray<{ readonly name: string; readonly isRepeatable: boolean }>
}

/** The operations of accounts. */
const operations = (() => {
  const all: Array<readonly [name: AccountOperation, operation: Operation]> = []
  HttpApi.reflect(CatalogApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint: { name, method, path, urlParamsSchema } }) => {
      if (!isAccountOperation(name)) return
      const pattern = new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`)
      const params = Option.match(urlParamsSchema, {
        onNone: () => [],
        onSome: ({ ast }) => SchemaAST.getPropertySignatures(SchemaAST.encodedAST(ast))
      }).map(({ name, type }) => ({ name: String(name), isRepeatable: SchemaAST.isTupleType(type) }))
      all.push([name, { method, pattern, isOfOne: path.split(":").length > 2, params }])
    }
  })
  return all
})()

const allRows = Object.values(themes).flat()

/** What is asked for in the rows with an answer. */
const askedIn = (rows: ReadonlyArray<Row>, answer: number) =>
  rows
    .filter(({ answers }) => answers.includes(answer))
    .map(({ bytes }) => {
      const text = bytes.toString("latin1")
      const [method, target = ""] = text.split(" ", 2)
      const [path = "", search] = target.split("?", 2)
      return { method, path, search, hasBody: !text.endsWith("\r\n\r\n") }
    })

/** What is asked of an operation in the rows with an answer. */
const askedOf = ({ method, pattern }: Operation, answer: number, rows: ReadonlyArray<Row> = allRows) =>
  askedIn(rows, answer).filter((asked) => asked.method === method && pattern.test(asked.path))

const others = tokenRows.filter(({ bytes }) => bytes.includes(auth(tokens.other)))
const readers = tokenRows.filter(({ bytes }) => bytes.includes(auth(tokens.reader)))

describe.each(operations)("the rows of hostile requests for %s", (name, operation) => {
  it("have no good token, another account's and one of a role that may not", () => {
    assert.isNotEmpty(askedOf(operation, 401, tokenRows), `${name} has no row without a token in tokenRows.ts`)
    assert.isNotEmpty(
      askedOf(operation, 403, others),
      `${name} has no row with another account's token in tokenRows.ts`
    )
    if (operation.method !== "GET") {
      assert.isNotEmpty(askedOf(operation, 403, readers), `${name} has no row of a reader in tokenRows.ts`)
    }
  })

  it("have methods that its resource has not", () =>
    assert.isTrue(
      askedIn(methodRows, 405).some(({ path }) => operation.pattern.test(path)),
      `the path of ${name} has no row in methods.ts`
    ))

  it("have an id that nothing has", () => {
    if (operation.isOfOne) assert.isNotEmpty(askedOf(operation, 404), `${name} has no row of an unknown id in paths.ts`)
  })

  it("have each of its query parameters with a wrong value, or one where it has none", () => {
    const searches = askedOf(operation, 400).flatMap(({ search }) => search ?? [])
    assert.isNotEmpty(searches, `${name} has no row with a query in queries.ts`)
    for (const param of operation.params) {
      const given = new RegExp(`(^|&)${param.name}=`)
      assert.isTrue(
        searches.some((search) => given.test(search)),
        `${name} has no row with a wrong ${param.name} in queries.ts`
      )
    }
  })

  it("have 1,000 values where a query parameter may have several", () => {
    for (const param of operation.params.filter(({ isRepeatable }) => isRepeatable)) {
      const given = new RegExp(`[?&](${param.name}=[^&]*&){1000}`)
      assert.isTrue(
        allRows.some(({ bytes }) => given.test(bytes.toString("latin1"))),
        `there is no row with 1,000 of ${param.name} in queries.ts`
      )
    }
  })

  it("have a body that it does not take", () => {
    const answer = accountOperations[name].takesBody ? 415 : 400
    assert.isTrue(
      askedOf(operation, answer).some(({ hasBody }) => hasBody),
      `${name} has no row with a body that is answered ${answer} in bodies.ts`
    )
  })
})
