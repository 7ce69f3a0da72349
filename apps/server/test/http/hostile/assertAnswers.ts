import { parseFault } from "@backup-catalog/core"
import { assert } from "vitest"
import type { RawAnswer } from "../../support/socket.ts"
import { SECRET_OF_99, tokens } from "./fixture.ts"
import type { Row } from "./Row.ts"

// What a stack, a path of this machine or a statement of the store would bring along.
const internal =
  /\bat \/|\bat file:|node_modules|node:internal|\.(?:ts|js|mjs)\b|sqlite|SELECT |INSERT |ParseError|TypeError|_tag|\/tmp\//

const assertHeaders = ({ status, headers }: RawAnswer): void => {
  assert.match(headers["x-request-id"] ?? "", /^req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "X-Request-Id")
  if (status === 401) assert.match(headers["www-authenticate"] ?? "", /^\w+ realm="/, "WWW-Authenticate")
  if (status === 405) assert.match(headers.allow ?? "", /^[A-Z]+(?:, [A-Z]+)*$/, "Allow")
  if (status === 503) assert.match(headers["retry-after"] ?? "", /^\d+$/, "Retry-After")
}

const assertFault = ({ status, headers, body }: RawAnswer, bodiless: boolean): void => {
  assert.strictEqual(headers["content-type"], "application/json")
  if (bodiless) {
    assert.strictEqual(body, "")
    return
  }
  const envelope: unknown = JSON.parse(body)
  assert.strictEqual(parseFault(envelope)?.code, status, body)
  assert.lengthOf(Object.keys(envelope as object), 1, body)
  assert.notMatch(body, internal)
}

const assertAnswer = (answer: RawAnswer, { bodiless = false, lacks }: Row): void => {
  if (answer.status < 200) return
  assertHeaders(answer)
  if (answer.status >= 400) assertFault(answer, bodiless)
  const text = JSON.stringify(answer.headers) + answer.body
  for (const secret of [...Object.values(tokens), SECRET_OF_99]) assert.notInclude(text, secret)
  if (lacks !== undefined) assert.notInclude(text, lacks)
}

/**
 * Fails unless the answers are those of a row, each whole, in the envelope where it is a fault, and without anything
 * internal.
 */
export const assertAnswers = (answers: ReadonlyArray<RawAnswer>, row: Row): void => {
  const said = answers.map(({ status, body }) => `${status} ${body.slice(0, 300)}`).join("\n")
  assert.deepStrictEqual(
    answers.map(({ status }) => status),
    [...row.answers],
    said
  )
  for (const answer of answers) assertAnswer(answer, row)
  const last = answers.at(-1)
  if (row.says !== undefined) assert.include(last?.body, row.says)
  if (row.allow !== undefined) assert.strictEqual(last?.headers.allow, row.allow)
}
