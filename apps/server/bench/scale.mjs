// pnpm bench: whether a page costs more where there are more records: of one account of many against an account alone,
// far into a walk, and by a filter that hardly anything passes.

import { rmSync, statSync } from "node:fs"
import Database from "better-sqlite3"
import { contest, tell } from "./contest.mjs"
import { emptyFolder, run, serve } from "./programs.mjs"
import { writeRecords } from "./records.mjs"

/** All records together, as many accounts as one in a thousand, and one account that has a tenth of all. */
const RECORDS = Number(process.env.BENCH_SCALE_RECORDS ?? 1_000_000)
const LARGE = RECORDS / 10
const ACCOUNTS = RECORDS / 1000
const ALONE = 1000
const RARE = { type: "Redis", version: "7", version_id: "40000000-0000-0000-0000-000000000007" }

const folder = emptyFolder(".bench-scale")

const fill = (store, account, file) => {
  run("load", "--store", store, "--account", account, file)
  return run("token", "create", "--store", store, "--account", account)
}

// Ids are an account's own, so all others may have the records of one; they are put there as SQLite can do it fastest.
const fillOthers = (path) => {
  const database = new Database(path)
  const indexes = database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'backups' AND type = 'index' AND sql IS NOT NULL")
    .all()
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`)
  const columns = database
    .prepare("SELECT name FROM pragma_table_info('backups') WHERE name <> 'account'")
    .pluck()
    .all()
    .join(", ")
  const each = Math.round((RECORDS - LARGE) / (ACCOUNTS - 1))
  const insert = database.prepare(
    `INSERT INTO backups (account, ${columns}) SELECT ?, ${columns} FROM backups WHERE account = 'large'
     ORDER BY created, id LIMIT ${each}`
  )
  const begin = database.prepare("INSERT INTO accounts (account, version) VALUES (?, 1)")
  database.transaction(() => {
    for (let n = 1; n < ACCOUNTS; n++) {
      const account = `account-${String(n).padStart(6, "0")}`
      begin.run(account)
      insert.run(account)
    }
  })()
  for (const { sql } of indexes) database.exec(sql)
  const all = database.prepare("SELECT count(*) FROM backups").pluck().get()
  database.close()
  return all
}

const path = `${folder}/catalog.sqlite`
const store = `sqlite:${path}`
const manyFile = await writeRecords(`${folder}/large.ndjson`, LARGE, (one, n) =>
  n % 1000 === 500 ? { ...one, datastore: RARE } : one
)
const token = fill(store, "large", manyFile)
rmSync(manyFile)
const all = fillOthers(path)
const few = `sqlite:${folder}/alone.sqlite`
const fewToken = fill(few, "alone", await writeRecords(`${folder}/alone.ndjson`, ALONE))
console.log(
  `${all} records in ${ACCOUNTS} accounts, one of them with ${LARGE}: ${Math.round(statSync(path).size / 1e6)} MB; beside a store of ${ALONE}`
)

const many = await serve(store, folder, "--page-memory", "0")
const alone = await serve(few, folder, "--page-memory", "0")
const headers = { "X-Auth-Token": token }
const page = `${many.url}/v1.0/large/backups?limit=20`

let far = page
for (let n = 1; n < 500; n++) {
  const { links } = await (await fetch(far, { headers })).json()
  far = links[0].href
}

const ratio = await contest(
  "page of 20 among many records",
  {
    "of 1,000 records": { url: `${alone.url}/v1.0/alone/backups?limit=20`, headers: { "X-Auth-Token": fewToken } },
    "of all": { url: page, headers },
    "page 500": { url: far, headers },
    "datastore of 1 in 1,000": { url: `${page}&datastore=redis`, headers }
  },
  1
)
tell("p50 of all / of 1,000 records", ratio("of all", "of 1,000 records", "p50"), "1.3 or less")
tell("p50 of page 500 / page 1", ratio("page 500", "of all", "p50"), "1.2 or less")
tell("p50 by a datastore of 1 in 1,000 / unfiltered", ratio("datastore of 1 in 1,000", "of all", "p50"), "2 or less")
await Promise.all([many.stop(), alone.stop()])
rmSync(folder, { recursive: true })
