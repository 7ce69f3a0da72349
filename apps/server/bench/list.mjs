// pnpm bench: the list of 20 and of 1,000 in an account of 100,000 on SQLite, beside two yardsticks, all in one run.
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import Database from "better-sqlite3"
import { contest, tell } from "./contest.mjs"
import { emptyFolder, run, serve, start } from "./programs.mjs"
import { record, writeRecords } from "./records.mjs"

const RECORDS = 100_000
const ACCOUNT = "bench"
const TARGETS = {
  20: { handWritten: "2.5 or more", wire: "0.35 or more", unchanged: "0.5 or more" },
  1000: { handWritten: "12 or more", wire: "0.3 or more", unchanged: "0.6 or more" }
}

const folder = emptyFolder(".bench")
const store = `sqlite:${folder}/catalog.sqlite`

const fill = async () => {
  const file = await writeRecords(`${folder}/records.ndjson`, RECORDS)
  const started = performance.now()
  run("load", "--store", store, "--account", ACCOUNT, file)
  const seconds = (performance.now() - started) / 1000
  console.log(`load: ${RECORDS} records in ${seconds.toFixed(1)} s, ${Math.round(RECORDS / seconds)} records/s`)
  return run("token", "create", "--store", store, "--account", ACCOUNT)
}

const fillHandWritten = (token) => {
  const path = `${folder}/handwritten.sqlite`
  const database = new Database(path)
  database.pragma("journal_mode = WAL")
  database.exec(`
    CREATE TABLE tokens (hash BLOB PRIMARY KEY, account TEXT);
    CREATE TABLE backups (account TEXT, id TEXT, name TEXT, description TEXT, status TEXT, created INTEGER, updated INTEGER,
      size REAL, instance_id TEXT, parent_id TEXT, locationRef TEXT, type TEXT, version TEXT, version_id TEXT,
      PRIMARY KEY (account, id));
    CREATE INDEX newest ON backups (account, created DESC, id DESC);`)
  database.prepare("INSERT INTO tokens VALUES (?, ?)").run(createHash("sha256").update(token).digest(), ACCOUNT)
  const insert = database.prepare(`INSERT INTO backups VALUES (${Array(14).fill("?").join(", ")})`)
  const micros = (text) => Date.parse(`${text}Z`) * 1000
  database.transaction(() => {
    for (let n = 0; n < RECORDS; n++) {
      const { id, name, description, status, created, updated, size, instance_id, parent_id, locationRef, datastore } =
        record(n)
      const { type = null, version = null, version_id = null } = datastore ?? {}
      insert.run(
        ACCOUNT,
        id,
        name,
        description,
        status,
        micros(created),
        micros(updated),
        size,
        instance_id,
        parent_id,
        locationRef,
        type,
        version,
        version_id
      )
    }
  })()
  database.close()
  return path
}

const token = await fill()
const handWritten = await start(["bench/handWritten.mjs", fillHandWritten(token), token])
// The list is read anew each time by a server that remembers no pages; the other one remembers what it has sent.
const forgetful = await serve(store, folder, "--page-memory", "0")
const catalog = await serve(store, folder)

for (const limit of [20, 1000]) {
  const headers = { "X-Auth-Token": token }
  const path = `/v1.0/${ACCOUNT}/backups?limit=${limit}`
  const answer = await fetch(catalog.url + path, { headers })
  const body = Buffer.from(await answer.arrayBuffer())
  if (JSON.parse(body.toString()).backups.length !== limit) throw new Error("the page is not full")
  writeFileSync(`${folder}/page-${limit}.json`, body)
  const wire = await start(["bench/wire.mjs", `${folder}/page-${limit}.json`])
  const conditional = await fetch(forgetful.url + path, { headers })
  const ratio = await contest(`page of ${limit} (${body.length} bytes)`, {
    list: { url: forgetful.url + path, headers },
    unchanged: { url: catalog.url + path, headers },
    "if-none-match": {
      url: forgetful.url + path,
      headers: { ...headers, "If-None-Match": conditional.headers.get("etag") }
    },
    "hand-written": { url: handWritten.url + path, headers },
    wire: { url: wire.url + path }
  })
  const target = TARGETS[limit]
  tell("list / hand-written", ratio("list", "hand-written"), target.handWritten)
  tell("list / wire", ratio("list", "wire"), target.wire)
  tell("unchanged since it was last asked for / wire", ratio("unchanged", "wire"), target.unchanged)
  tell("if-none-match / list", ratio("if-none-match", "list"), "2 or more")
  await wire.stop()
}
await Promise.all([catalog, forgetful, handWritten].map(({ stop }) => stop()))
