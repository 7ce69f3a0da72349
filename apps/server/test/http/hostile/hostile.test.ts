import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { prepare, start, temporaryFolder } from "../../support/server.ts"
import { get, type RawAnswer, sendForAll } from "../../support/socket.ts"
import { assertAnswers } from "./assertAnswers.ts"
import { accounts, tokenRecords, tokens } from "./fixture.ts"
import { LIST, type Row, SCRATCH } from "./Row.ts"
import { themes } from "./rows.ts"
import { unfinished } from "./unfinished.ts"

const asksList = ({ bytes }: Row): boolean => bytes.includes(`GET ${LIST} `) || bytes.includes(`GET ${LIST}?`)

describe.each([
  ["in front of the router", true, () => true],
  // Only the list has two ways.
  ["through the router", false, asksList]
] as const)("hostile input %s", (_, leanList, concerns) => {
  const chosen = Object.entries(themes)
    .map(([theme, rows]) => [theme, rows.filter(concerns)] as const)
    .filter(([, rows]) => rows.length > 0)
  let url = ""
  let before: Readonly<Record<string, string>> = {}
  let listed: string | undefined
  const ends: Array<() => unknown> = []

  const lists = async (): Promise<Readonly<Record<string, string>>> => ({
    "1234": (await get(url, LIST, tokens.member)).body,
    "99": (await get(url, "/v1.0/99/backups", tokens.other)).body
  })

  beforeAll(async () => {
    const folder = temporaryFolder((clean) => ends.push(clean))
    const store = `sqlite:${join(folder, "catalog.sqlite")}`
    await prepare(store, accounts, tokenRecords)
    const [started, stop] = await start({ store, leanList })
    url = started
    ends.unshift(stop)
    before = await lists()
    listed = before["1234"]
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })

  describe.each(chosen)("%s", (_theme, rows) => {
    it.each(rows.map((row) => [row.name, row.answers.join(", "), row] as const))(
      "%s is %s",
      async (_name, _is, row) => {
        const answers = await sendForAll(url, row.bytes, row)
        const good = await get(url, LIST, tokens.member)
        // Held against the list before this row, so that no other fails than the one that changes it.
        const was = listed
        listed = good.body
        assertAnswers(answers, row)
        assert.strictEqual(good.status, 200, good.body)
        assert.strictEqual(good.body, was, "the request has changed the list")
      }
    )
  })

  it("leaves every account as it was, and has written what was to be written", async () => {
    const writes = chosen.flatMap(([, rows]) => rows).filter(({ answers }) => answers.includes(201))
    assert.deepStrictEqual(await lists(), before)
    const { backups } = JSON.parse((await get(url, SCRATCH, tokens.scratch)).body)
    assert.lengthOf(backups, (accounts.scratch?.length ?? 0) + writes.length)
  })
})

describe("requests that do not end", () => {
  const ends: Array<() => unknown> = []
  let answers: ReadonlyArray<ReadonlyArray<RawAnswer>> = []
  const lists: Array<string> = []

  beforeAll(async () => {
    const folder = temporaryFolder((clean) => ends.push(clean))
    const store = `sqlite:${join(folder, "catalog.sqlite")}`
    await prepare(store, accounts, tokenRecords)
    const [url, stop] = await start({
      store,
      limits: { maxHeaderBytes: 16_384, requestTimeout: 1000, grace: 1000 }
    })
    ends.unshift(stop)
    const list = async () => lists.push((await get(url, LIST, tokens.member)).body)
    await list()
    // All at once, since each takes its whole time.
    const waiting = Promise.all(unfinished.map(({ bytes }) => sendForAll(url, bytes)))
    await list()
    answers = await waiting
    await list()
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })

  it.each(unfinished.map((row, n) => [row.name, row.answers.join(", "), row, n] as const))(
    "%s is %s",
    (_name, _is, row, n) => {
      assertAnswers(answers[n] ?? [], row)
    }
  )

  it("keep nobody else waiting, and change nothing", () => {
    const [before = "", ...others] = lists
    assert.include(before, "inc-1")
    assert.deepStrictEqual(others, [before, before])
  })
})
