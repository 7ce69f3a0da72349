import { Either, FastCheck as fc, ParseResult, Schema } from "effect"
import { assert, describe, it } from "vitest"
import { FaultSchema } from "../src/http/index.ts"
import { BadRequest, faults, isFault, OverLimit, parseFault } from "../src/index.ts"

const table = [
  [400, "badRequest"],
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "itemNotFound"],
  [405, "badMethod"],
  [412, "preconditionFailed"],
  [413, "overLimit"],
  [415, "badMediaType"],
  [422, "unprocessableEntity"],
  [500, "instanceFault"],
  [501, "notImplemented"],
  [503, "serviceUnavailable"]
]

describe("the faults", () => {
  it("are the rows of the contract", () =>
    assert.deepStrictEqual(
      faults.map(({ code, fault }) => [code, fault]),
      table
    ))

  it.each(faults.map((Class) => [Class.fault, Class] as const))(
    "%s comes back from its envelope as the same class",
    (name, Class) => {
      fc.assert(
        fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (message, details) => {
          const fault = new Class({ message, ...(details === undefined ? {} : { details }) })
          assert.isTrue(isFault(fault))
          assert.deepStrictEqual(Object.keys(fault.envelope), [name])
          const carried = { requestId: "req-1", retryAfter: 7, allow: ["GET"] }
          const parsed = parseFault(JSON.parse(JSON.stringify(fault.envelope)), carried)
          assert.isTrue(parsed instanceof Class)
          assert.deepStrictEqual({ ...parsed?.envelope }, fault.envelope)
          assert.strictEqual(parsed?.message, message)
          assert.strictEqual(parsed?.requestId, "req-1")
          assert.strictEqual(parsed?.retryAfter, 7)
          const wire = Schema.encodeSync(FaultSchema)(fault)
          assert.deepStrictEqual(wire, fault.envelope)
          assert.isTrue(Schema.decodeSync(FaultSchema)(wire) instanceof Class)
        })
      )
    }
  )

  it.each([
    [null],
    ["text"],
    [{}],
    [{ badRequest: null }],
    [{ badRequest: { code: 404, message: "x" } }],
    [{ badRequest: { code: 400 } }],
    [{ badRequest: { code: "400", message: "x" } }],
    [{ conflict: { code: 409, message: "x" } }],
    [{ error: { code: 401, message: "x" } }]
  ])("are not parsed from %j", (envelope) => assert.isUndefined(parseFault(envelope)))

  it("forgive details that are no text, and extra members", () => {
    const parsed = parseFault({ overLimit: { code: 413, message: "too much", details: { a: 1 }, retryAfter: "x" } })
    assert.instanceOf(parsed, OverLimit)
    assert.isUndefined(parsed?.details)
  })

  it("are errors that a program can catch and a person can read", () => {
    const fault = new BadRequest({ message: "The query parameter limit is empty." })
    assert.instanceOf(fault, Error)
    assert.strictEqual(fault._tag, "BadRequest")
    assert.strictEqual(fault.code, 400)
    assert.include(String(fault), "The query parameter limit is empty.")
    assert.isTrue(Either.isLeft(Schema.decodeUnknownEither(FaultSchema)({})))
    assert.isFalse(ParseResult.isParseError(fault))
  })
})
