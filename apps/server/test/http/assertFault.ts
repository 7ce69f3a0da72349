import { BackupId, type Instant, parseFault } from "@backup-catalog/core"
import { Option } from "effect"
import { assert } from "vitest"
import type { RawAnswer } from "../support/socket.ts"

/** That an answer is a fault, whole and without anything of the inside of the server. */
export const assertFault = (answer: RawAnswer, code: number, name: string, what: string): void => {
  assert.strictEqual(answer.status, code, `${what}: ${answer.body}`)
  assert.strictEqual(answer.headers["content-type"], "application/json", what)
  assert.match(answer.headers["x-request-id"] ?? "", /^req-[0-9a-f-]{36}$/, what)
  const fault = parseFault(JSON.parse(answer.body))
  assert.strictEqual(fault?.fault, name, `${what}: ${answer.body}`)
  assert.notMatch(answer.body, /sqlite|postgres|\.ts\b|\bat \/|SELECT/i, what)
  if (code === 401) assert.isDefined(answer.headers["www-authenticate"], what)
  if (code === 405) assert.isDefined(answer.headers.allow, what)
  if (code === 503) assert.match(answer.headers["retry-after"] ?? "", /^\d+$/, what)
}

/** A backup with an id that has to be escaped. */
export const plainBackup = {
  id: BackupId.make("a/b?c%d ä"),
  name: "odd id",
  description: Option.none(),
  status: "COMPLETED",
  created: 0n as Instant,
  updated: 0n as Instant,
  size: Option.none(),
  instanceId: Option.none(),
  parentId: Option.none(),
  locationRef: Option.none(),
  datastore: Option.none()
} as const
