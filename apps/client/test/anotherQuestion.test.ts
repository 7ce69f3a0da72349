import { assert, describe, it } from "vitest"
import { type BackupList, type Client, type ListFilter, UnexpectedAnswer } from "../src/index.ts"
import { badServer, clientOf, failure, listOf, record, sendJson } from "./badServer.ts"

// A MySQL backup of db-1, COMPLETED, created 2014-06-19T15:56:58.
const answer = { backups: [record("a")] }

type Backups = Client["backups"]
type ListName = {
  [Name in keyof Backups]: Backups[Name] extends (...given: never) => BackupList ? Name : never
}[keyof Backups]

const lists: Readonly<Record<ListName, (backups: Backups) => BackupList>> = {
  list: (backups) => backups.list(),
  forInstance: (backups) => backups.forInstance("db-1"),
  descendants: (backups) => backups.descendants("r")
}

describe("an answer to another question than was asked is an UnexpectedAnswer that says so", () => {
  const others: Readonly<Record<Exclude<keyof ListFilter, "include">, ListFilter>> = {
    datastore: { datastore: "redis" },
    instanceId: { instanceId: "db-2" },
    status: { status: ["FAILED", "NEW"], datastore: "mysql" },
    createdSince: { createdSince: "2014-06-19T15:56:59Z" },
    createdBefore: { createdBefore: "2014-06-19T15:56:58Z" }
  }
  for (const [name, filter] of Object.entries(others)) {
    it(`a list without regard to ${name}`, async () => {
      await using server = await badServer(sendJson(200, answer))
      const error = await failure(clientOf(server.url).backups.list(filter).toArray({ max: 5 }))
      assert.instanceOf(error, UnexpectedAnswer)
      assert.strictEqual(
        error.message,
        `${server.url} answered 200, but it answered another question: backups[0] does not match the filter ${name}; ` +
          "it may not know this filter."
      )
      assert.strictEqual(error.requestId, "req-1")
      assert.lengthOf(server.seen, 1)
    })
  }

  it("a list whose second record is a stranger", async () => {
    await using server = await badServer(
      sendJson(200, { backups: [record("a"), { ...record("b"), instance_id: null }] })
    )
    const error = await failure(clientOf(server.url).backups.list({ instanceId: "db-1" }).page())
    assert.instanceOf(error, UnexpectedAnswer)
    assert.include(error.message, "backups[1] does not match the filter instanceId")
  })

  it.each(Object.entries(lists))("a page of %s without regard to limit", async (_, listIn) => {
    await using server = await badServer(sendJson(200, listOf(["c", "b", "a"])))
    const list = listIn(clientOf(server.url).backups)
    const error = await failure(list.page({ limit: 2 }))
    assert.instanceOf(error, UnexpectedAnswer)
    assert.include(error.message, "backups has 3 records where limit allows 2")
    assert.lengthOf((await list.page({ limit: 3 })).backups, 3)
  })

  it("backups of another account", async () => {
    const foreign = { ...record("b"), project_id: "5678" }
    await using server = await badServer(sendJson(200, { backups: [record("a"), foreign] }))
    const { backups } = clientOf(server.url)
    for (const listIn of Object.values(lists)) {
      const error = await failure(listIn(backups).page())
      assert.instanceOf(error, UnexpectedAnswer)
      assert.include(
        error.message,
        'it answered another question: backups[1].project_id is "5678" where "1234" was asked for'
      )
    }
    assert.lengthOf((await clientOf(server.url, { account: "5678" }).backups.list().page()).backups, 2)
    await using one = await badServer(sendJson(200, { backup: foreign }))
    const error = await failure(clientOf(one.url).backups.get("b"))
    assert.instanceOf(error, UnexpectedAnswer)
    assert.include(error.message, 'backup.project_id is "5678" where "1234" was asked for')
  })

  it("a registration in another account", async () => {
    await using server = await badServer(sendJson(202, { backup: { ...record("a"), project_id: "9" } }))
    const error = await failure(
      clientOf(server.url).backups.register({ name: "a", remoteLocation: "b", datastoreVersionId: "c", size: 1 })
    )
    assert.instanceOf(error, UnexpectedAnswer)
    assert.include(error.message, 'backup.project_id is "9" where "1234" was asked for')
  })

  it("another backup", async () => {
    await using server = await badServer(sendJson(200, { backup: record("b") }))
    const error = await failure(clientOf(server.url).backups.get("a"))
    assert.instanceOf(error, UnexpectedAnswer)
    assert.include(error.message, 'backup.id is "b" where "a" was asked for')
    assert.strictEqual((await clientOf(server.url).backups.get("b")).id, "b")
  })
})

describe("an answer to the question that was asked is taken", () => {
  const same: ReadonlyArray<ListFilter> = [
    { datastore: "mYsQl", instanceId: "db-1", status: ["NEW", "COMPLETED"] },
    { createdSince: "2014-06-19T15:56:58Z", createdBefore: "2014-06-19T15:56:59Z" },
    // The server knows the time to the microsecond and writes it to the second.
    { createdSince: "2014-06-19T15:56:58.999999Z" },
    { createdBefore: "2014-06-19T15:56:58.000001Z" }
  ]
  for (const filter of same) {
    it(JSON.stringify(filter), async () => {
      await using server = await badServer(sendJson(200, answer))
      assert.lengthOf(await clientOf(server.url).backups.list(filter).toArray({ max: 5 }), 1)
    })
  }

  it("also before 1970, where seconds are cut downwards too", async () => {
    await using server = await badServer(
      sendJson(200, { backups: [{ ...record("a"), created: "1969-12-31T23:59:58" }] })
    )
    const { backups } = clientOf(server.url)
    const list = (createdSince: string) => backups.list({ createdSince }).toArray({ max: 5 })
    assert.lengthOf(await list("1969-12-31T23:59:58.5Z"), 1)
    assert.instanceOf(await failure(list("1969-12-31T23:59:59Z")), UnexpectedAnswer)
  })
})

it("times sort as text as they do as times, also where one server gives fractions and another none", async () => {
  const created = ["2014-06-19T15:56:59", "2014-06-19T15:56:58.5", "2014-06-19T15:56:58"]
  await using server = await badServer(
    sendJson(200, { backups: created.map((time, index) => ({ ...record(String(index)), created: time })) })
  )
  const backups = await clientOf(server.url).backups.list().toArray({ max: 5 })
  const times = backups.map((backup) => backup.created)
  assert.deepEqual(times.toSorted().toReversed(), times)
  assert.strictEqual(times[2], "2014-06-19T15:56:58.000000Z")
})
