import { Either, Schema } from "effect"
import { assert, describe, it } from "vitest"
import { describeParseErrors, Registration } from "../src/index.ts"

const record = {
  name: "nightly",
  restore_from: { remote_location: "https://example.com/nightly", local_datastore_version_id: "5.6", size: 0.5 }
}

const decode = Schema.decodeUnknownEither(Registration)

describe("a registration", () => {
  it.each([
    [{ description: "\ud800" }, "description must be valid Unicode text"],
    [{ description: "" }, "description must have 1 to 16000 characters"],
    [
      { restore_from: { ...record.restore_from, remote_location: "\udfff" } },
      "restore_from.remote_location must be valid Unicode text"
    ],
    [
      { restore_from: { ...record.restore_from, local_datastore_version_id: "x".repeat(256) } },
      "restore_from.local_datastore_version_id must have 1 to 255 characters"
    ]
  ])("is refused with %j", (members, message) => {
    assert.isTrue(Either.isRight(decode(record)))
    const refused = Either.getOrThrow(Either.flip(decode({ ...record, ...members })))
    assert.strictEqual(describeParseErrors(refused, "it"), message)
  })
})
