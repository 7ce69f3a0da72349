import { Either, FastCheck as fc, Schema } from "effect"
import { assert, describe, it } from "vitest"
import {
  continued,
  ListParams,
  parseCoverageParams,
  parseListParams,
  withMarker,
  withoutMarker
} from "../src/http/index.ts"
import { type AccountId, type Marker, markerFromPosition, markerFromPositionAcross } from "../src/index.ts"
import { arbitrary } from "../src/testing/index.ts"

const params = fc
  .tuple(
    arbitrary.filter,
    arbitrary.backup,
    fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
    fc.boolean()
  )
  .map(([filter, { created, id }, limit, marked]) => ({
    ...filter,
    ...(limit === undefined ? {} : { limit }),
    ...(marked ? { marker: markerFromPosition({ created, id }) } : {})
  }))

const format = (list: ListParams): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(Schema.encodeSync(ListParams)(list))) {
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, one)
  }
  return search.toString()
}

// A list of no values is written as no parameter.
const withoutEmpty = (list: ListParams): object =>
  Object.fromEntries(Object.entries(list).filter(([, value]) => !(Array.isArray(value) && value.length === 0)))

describe("the parameters of the list", () => {
  it("mean what was encoded, for any filter and page", () => {
    fc.assert(
      fc.property(params, (list) => {
        assert.deepStrictEqual(Either.getOrThrow(parseListParams(format(list))), withoutEmpty(list))
      }),
      { numRuns: 300 }
    )
  })

  it("keep everything but the marker in a next link", () => {
    const marker = markerFromPosition({ created: 1n as never, id: "next" as never })
    fc.assert(
      fc.property(params, (list) => {
        const next = continued(withMarker(withoutMarker(format(list)), marker))
        assert.deepStrictEqual(Either.getOrThrow(parseListParams(next)), {
          ...Either.getOrThrow(parseListParams(format(list))),
          marker
        })
      })
    )
    assert.strictEqual(
      withMarker(withoutMarker("limit=2&%6Darker=old&&status=NEW&marker=x"), "new" as Marker),
      "limit=2&status=NEW&marker=q1.c3RhdHVzPU5FVw.new"
    )
    for (const others of ["", "limit=2"]) {
      assert.strictEqual(withMarker(others, "new" as Marker), `${others && `${others}&`}marker=new`)
    }
  })

  const markerIn = (search: string) => /(?:^|&)(marker=[^&]*)$/.exec(search)?.[1] ?? assert.fail(search)

  it("are those of the list that a marker is of, where a request leaves them out", () => {
    const markers = arbitrary.backup.chain((position) =>
      fc
        .constantFrom("acct", "acct~team", "acct~ZGF0YXN0b3JlPW15c3Fs", "q1.a.b")
        .map((account) => [
          markerFromPosition(position),
          markerFromPositionAcross({ ...position, account: account as AccountId })
        ])
    )
    fc.assert(
      fc.property(params, markers, (list, both) => {
        const { limit: _, ...question } = Either.getOrThrow(parseListParams(format(list)))
        for (const marker of both) {
          const next = withMarker(withoutMarker(format(list)), marker)
          fc.pre(next.includes("marker=q1.") || Object.keys(question).every((name) => name === "marker"))
          for (const asked of [next, markerIn(next), `limit=7&${markerIn(next)}`, `${markerIn(next)}&limit=7`]) {
            const { limit: __, ...found } = Either.getOrThrow(parseListParams(continued(asked)))
            assert.deepStrictEqual(found, { ...question, marker })
          }
          // And what comes after that page, too.
          const others = withoutMarker(continued(markerIn(next)))
          assert.strictEqual(markerIn(withMarker(others, marker)), markerIn(next))
        }
      })
    )
  })

  it("count where a request gives them, whatever list its marker is of", () => {
    const marker = markerIn(withMarker("datastore=mysql&status=NEW&status=FAILED&limit=2", "p1.1.bmV4dA" as Marker))
    assert.strictEqual(
      continued(`datastore=redis&${marker}`),
      "status=NEW&status=FAILED&datastore=redis&marker=p1.1.bmV4dA"
    )
    assert.strictEqual(
      continued(`${marker}&limit=5&st%61tus=NEW`),
      "datastore=mysql&limit=5&st%61tus=NEW&marker=p1.1.bmV4dA"
    )
  })

  it.each([
    ["an id", "marker=v1.orders~main"],
    ["an id that begins as a marker", "marker=q1.report.p1"],
    ["an id that is text in base64url", "marker=q1.cmVwb3J0.p1"],
    ["no marker", "instance_id=q1.c3RhdHVzPU5FVw.p1.1.bmV4dA"],
    ["a marker that was changed", "marker=q1.c3RhdHVzPU5FVw==.p1.1.bmV4dA"],
    ["a marker that was cut", "marker=q1.c3RhdHVzPU5FVw."],
    // limit=2, marker=x, and no name at all.
    ...["bGltaXQ9Mg", "bWFya2VyPXg", "PXg"].map((made) => ["a marker made by others", `marker=q1.${made}.p1.1.bmV4dA`])
  ])("are those of the request alone where it has %s", (_, search) => {
    assert.strictEqual(continued(String(search)), search)
  })

  it("are left out of a marker that they would make too long", () => {
    const instance = `instance_id=${"%F0%9F%97%84".repeat(200)}`
    assert.strictEqual(withMarker(instance, "p1.1.bmV4dA" as Marker), `${instance}&marker=p1.1.bmV4dA`)
  })

  it.each([
    ["a=1", "The query parameter a is not known here."],
    ["limit", "The query parameter limit is empty; leave it out, or give it a value."],
    ["limit=1&limit=2", "The query parameter limit must be given only once."],
    ["datastore=%e4", "The query parameter datastore must be percent-encoded UTF-8."],
    ["datastore=ä", "The query parameter datastore must be percent-encoded UTF-8."],
    [
      "status=NEW&status=OLD",
      "The query parameter status must be one of NEW BUILDING SAVING COMPLETED FAILED DELETE_FAILED RESTORED."
    ],
    ["limit=07", "The query parameter limit must be a whole number, 1 or more."],
    [`marker=${"x".repeat(3000)}`, "The query parameter marker must have 1 to 2048 characters."],
    [`${"x".repeat(100)}=1`, `The query parameter ${"x".repeat(64)}… is not known here.`],
    ["__proto__=1", "The query parameter __proto__ is not known here."]
  ])("are refused with %s", (search, message) => {
    assert.strictEqual(Either.getOrThrow(Either.flip(parseListParams(search))).message, message)
  })
})

describe("the parameters of the coverage", () => {
  it("may come more than once where several mean any of them, and are refused by their names", () => {
    const read = (search: string) => Either.mapLeft(parseCoverageParams(search), ({ message }) => message)
    assert.deepStrictEqual(read("verdict=stale&verdict=never"), Either.right({ verdicts: ["stale", "never"] }))
    assert.match(
      Either.getOrThrow(Either.flip(read("verdict=stale&verdict=old"))),
      /^The query parameter verdict must /
    )
    assert.deepStrictEqual(
      read("datastore=mysql&datastore=redis"),
      Either.left("The query parameter datastore must be given only once.")
    )
  })
})
