import { BadRequest, ConnectionFailed, faults, TimedOut, UnexpectedAnswer } from "@backup-catalog/core"
import { assert, describe, it } from "@effect/vitest"
import { Cause } from "effect"
import type { CommandError } from "../src/outcomes/CommandError.ts"
import { type ExitCode, endingOf } from "../src/outcomes/ExitCode.ts"
import { InputFailed } from "../src/outcomes/InputFailed.ts"
import { NotDone } from "../src/outcomes/NotDone.ts"
import { PartlyDone } from "../src/outcomes/PartlyDone.ts"
import { UsageError } from "../src/outcomes/UsageError.ts"
import { OutputClosed, OutputFailed } from "../src/terminal/Screen.ts"
import { faultCodes } from "./support/faultCodes.ts"

const message = "It failed."
const codes: ReadonlyArray<readonly [CommandError, ExitCode]> = [
  [new UsageError({ message }), 2],
  ...faults.map((Class) => [new Class({ message }), faultCodes[Class.fault]] as const),
  [new ConnectionFailed({ message }), 6],
  [new TimedOut({ message }), 6],
  [new UnexpectedAnswer({ message, code: 200 }), 1],
  [new UnexpectedAnswer({ message, code: 500 }), 1],
  [new UnexpectedAnswer({ message, code: 502 }), 6],
  [new UnexpectedAnswer({ message, code: 503 }), 6],
  [new UnexpectedAnswer({ message, code: 504 }), 6],
  [new OutputFailed({ message }), 1],
  [new InputFailed({ message }), 1],
  [new NotDone({ message }), 1],
  [new PartlyDone({ message }), 1]
]

describe("exit codes", () => {
  for (const [error, code] of codes) {
    it(`${error._tag}${"code" in error ? ` of ${error.code}` : ""} is ${code}`, () => {
      assert.deepStrictEqual(endingOf(Cause.fail(error)), { code, line: "backups: It failed." })
    })
  }

  it("a closed output is no failure", () => {
    assert.deepStrictEqual(endingOf(Cause.fail(new OutputClosed())), { code: 0, line: undefined })
  })

  it("a defect is 1 and says that it is one", () => {
    assert.deepStrictEqual(endingOf(Cause.die(new Error("oops"))), {
      code: 1,
      line: "backups: This is a defect of the program itself: oops"
    })
  })

  it("the line has details, hint and request id, and nothing that a terminal obeys", () => {
    const fault = new BadRequest({ message: "Bad\n\u001b[2Jthing.", details: "Known: a.", requestId: "r-1" })
    assert.strictEqual(endingOf(Cause.fail(fault)).line, "backups: Bad\\u000a\\u001b[2Jthing. Known: a. (request r-1)")
    const usage = new UsageError({ message: "What?", hint: "backups --help" })
    assert.strictEqual(endingOf(Cause.fail(usage)).line, "backups: What? See backups --help.")
  })
})
