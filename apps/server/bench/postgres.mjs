// pnpm bench: the list of 20 and of 1,000 in an account of 100,000 on PostgreSQL, beside the same by hand on the same
// server.
import { createHash } from "node:crypto"
import pg from "pg"
import { startCluster } from "../test/support/postgresCluster.ts"
import { contest, tell } from "./contest.mjs"
import { emptyFolder, run, serve, start } from "./programs.mjs"
import { record, writeRecords } from "./records.mjs"

const RECORDS = 100_000
const ACCOUNT = "bench"
const TARGETS = { 20: "1.2 or more", 1000: "4 or more" }

const folder = emptyFolder(".bench")
const cluster = await startCluster(["-c", "shared_buffers=256MB"])
const store = cluster.url

const fill = async () => {
  run("load", "--store", store, "--account", ACCOUNT, await writeRecords(`${folder}/records.ndjson`, RECORDS))
  return run("token", "create", "--store", store, "--account", ACCOUNT)
}

const fillHandWritten = async (token) => {
  const client = new pg.Client({ connectionString: store })
  await client.connect()
  await client.query(`
    CREATE SCHEMA hand;
    CREATE TABLE hand.tokens (hash bytea PRIMARY KEY, account text);
    CREATE TABLE hand.backups (account text, id text, name text, description text, status text, created timestamptz,
      updated timestamptz, size float8, instance_id text, parent_id text, "locationRef" text, type text, version text,
      version_id text, PRIMARY KEY (account, id));
    CREATE INDEX newest ON hand.backups (account, created DESC, id DESC);`)
  const hash = createHash("sha256").update(token).digest()
  await client.query("INSERT INTO hand.tokens VALUES ($1, $2)", [hash, ACCOUNT])
  const rows = Array.from({ length: RECORDS }, (_, n) => record(n))
  await client.query(
    `INSERT INTO hand.backups
      SELECT $1, id, name, description, status, created::timestamp AT TIME ZONE 'UTC', updated::timestamp AT TIME ZONE 'UTC',
        size, instance_id, parent_id, "locationRef", datastore ->> 'type', datastore ->> 'version', datastore ->> 'version_id'
      FROM json_to_recordset($2) AS (id text, name text, description text, status text, created text, updated text, size float8,
        instance_id text, parent_id text, "locationRef" text, datastore json)`,
    [ACCOUNT, JSON.stringify(rows)]
  )
  await client.query("VACUUM ANALYZE")
  await client.end()
}

const token = await fill()
await fillHandWritten(token)
const handWritten = await start(["bench/handWrittenPostgres.mjs", store])
const forgetful = await serve(store, folder, "--page-memory", "0")
const catalog = await serve(store, folder)

for (const limit of [20, 1000]) {
  const headers = { "X-Auth-Token": token }
  const path = `/v1.0/${ACCOUNT}/backups?limit=${limit}`
  for (const { url } of [catalog, forgetful, handWritten]) {
    const { backups } = await (await fetch(url + path, { headers })).json()
    if (backups.length !== limit) throw new Error("the page is not full")
  }
  const ratio = await contest(`PostgreSQL, page of ${limit}`, {
    list: { url: forgetful.url + path, headers },
    unchanged: { url: catalog.url + path, headers },
    "hand-written": { url: handWritten.url + path, headers }
  })
  tell("list / hand-written", ratio("list", "hand-written"), TARGETS[limit])
  tell("unchanged since it was last asked for / hand-written", ratio("unchanged", "hand-written"), "none")
}
await Promise.all([catalog, forgetful, handWritten].map(({ stop }) => stop()))
await cluster.stop()
