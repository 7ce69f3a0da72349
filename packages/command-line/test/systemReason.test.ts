import { assert, describe, it } from "vitest"
import { systemReason } from "../src/systemReason.ts"

describe("the reason of a failure", () => {
  it.each([
    ["ENOENT: no such file or directory, open '/a, b/c'", "no such file or directory"],
    ["ENOSPC: no space left on device, copyfile '/a' -> '/b'", "no space left on device"],
    ["ENOSPC: no space left on device, write", "no space left on device"],
    ["EISDIR: illegal operation on a directory", "illegal operation on a directory"],
    ["row 3 missing from index x, y", "row 3 missing from index x, y"]
  ])("%s", (message, reason) => {
    assert.strictEqual(systemReason(new Error(message)), reason)
  })
})
