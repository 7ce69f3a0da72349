import { type Backup, BackupId, InstanceId, type Instant, parseFault } from "@backup-catalog/core"
import { Option } from "effect"
import { afterAll, assert, beforeAll } from "vitest"
import { prepare, start } from "../support/server.ts"
import { emptyStore } from "../support/TestStore.ts"

/** A backup of the account 99. */
const template: Backup = {
  id: BackupId.make("full"),
  name: "nightly",
  description: Option.none(),
  status: "COMPLETED",
  created: 1_700_000_000_123_456n as Instant,
  updated: 1_700_000_100_000_001n as Instant,
  size: Option.some({ unit: "bytes", value: 1_000_000_007n }),
  instanceId: Option.some(InstanceId.make("db-1")),
  parentId: Option.none(),
  locationRef: Option.none(),
  datastore: Option.some({ type: "MySQL", version: Option.some("8.0"), versionId: Option.some("v-8") })
}

/** A record as a request sends it. */
export const record = (members: Record<string, unknown> = {}) => ({
  name: "registered",
  status: "COMPLETED",
  created: "2026-01-02T03:04:05.678901Z",
  updated: "2026-01-02T03:04:06Z",
  instance_id: "db-1",
  ...members
})

/** The body of a PUT. */
export const upsert = (members: Record<string, unknown> = {}) => JSON.stringify({ backup: record(members) })

/** The answer to a request. */
interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: ReturnType<typeof JSON.parse>
  readonly fault: ReturnType<typeof parseFault> | undefined
}

/** A server of an empty account 1234, for the tests of a file, and how it is asked. */
export const familyServer = () => {
  let url = ""
  const ends: Array<() => unknown> = []

  const ask = async (
    method: string,
    path: string,
    {
      token = "member",
      body,
      headers = {},
      account = "1234"
    }: { token?: string; body?: string; headers?: Record<string, string>; account?: string } = {}
  ): Promise<Answer> => {
    const response = await fetch(`${url}/v1.0/${account}${path}`, {
      method,
      headers: {
        "X-Auth-Token": token,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers
      },
      ...(body === undefined ? {} : { body })
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: text === "" ? undefined : JSON.parse(text),
      fault: text === "" ? undefined : parseFault(JSON.parse(text))
    }
  }

  const ids = async (path = "/backups") => (await ask("GET", path)).json.backups.map(({ id }: { id: string }) => id)

  beforeAll(async () => {
    const { address: store } = await emptyStore((clean) => ends.push(clean))
    await prepare(
      store,
      { "99": [{ ...template, name: "theirs", instanceId: Option.some(InstanceId.make("their-db")) }] },
      {
        reader: { account: "1234", role: "reader" },
        member: { account: "1234", role: "member" },
        admin: { account: "1234", role: "admin" },
        other: { account: "99", role: "member" }
      }
    )
    const [started, stop] = await start({ store })
    url = started
    ends.unshift(stop)
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })

  const putRecord = (id: string, members: Record<string, unknown>) =>
    ask("PUT", `/backups/${id}`, { body: upsert(members) })

  return { ask, ids, putRecord, address: () => url }
}

/** An answer is a fault, and tells of something. */
export const assertFault = (answer: Answer, code: number, about = ""): void => {
  assert.strictEqual(answer.status, code, answer.text)
  assert.strictEqual(answer.fault?.code, code, answer.text)
  assert.include(answer.text, about)
}
