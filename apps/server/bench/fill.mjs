// A store with very many records, made in a fraction of the time that loading them would take:
// node bench/fill.mjs STORE ACCOUNT RECORDS prints a token for the account. RECORDS is a multiple of 1,000.
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import Database from "better-sqlite3"
import { record } from "./records.mjs"

const [path, account, records] = process.argv.slice(2)
const BLOCK = 1000
const SECONDS_OF_BLOCK = BLOCK * 61

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url))
const of = ["--store", `sqlite:${path}`, "--account", account]
const run = (args, input) => {
  const done = spawnSync(process.execPath, [main, ...args], { input })
  if (done.status !== 0) throw new Error(done.stderr.toString())
  return done.stdout.toString().trim()
}

const token = run(["token", "create", ...of])
run(["load", ...of, "-"], Array.from({ length: BLOCK }, (_, n) => JSON.stringify(record(n))).join("\n"))

// The first block again and again, each time later and with ids of its own.
const moved = (column) => `strftime('%Y-%m-%dT%H:%M:%S', ${column} / 1000000 + n * ${SECONDS_OF_BLOCK}, 'unixepoch')`
const later = (column) => `${column} + n * ${SECONDS_OF_BLOCK} * 1000000`
const id = "substr(id, 1, 14) || printf('%04x', n) || substr(id, 19)"
const values = {
  created: later("created"),
  updated: later("updated"),
  id,
  record: `json_set(record, '$.id', ${id}, '$.created', ${moved("created")}, '$.updated', ${moved("updated")})`
}

const database = new Database(path)
database.pragma("synchronous = off")
const columns = database.pragma("table_info(backups)").map(({ name }) => name)
const indexes = database
  .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'backups' AND sql IS NOT NULL")
  .all()
database.transaction(() => {
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`)
  database
    .prepare(`
      WITH RECURSIVE blocks (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM blocks WHERE n + 1 < ?)
      INSERT INTO backups (${columns.join(", ")})
      SELECT ${columns.map((column) => values[column] ?? column).join(", ")}
      FROM blocks CROSS JOIN (SELECT * FROM backups WHERE account = ? ORDER BY created, id)`)
    .run(Number(records) / BLOCK, account)
  for (const { sql } of indexes) database.exec(sql)
})()
database.pragma("wal_checkpoint(TRUNCATE)")
database.close()
console.log(token)
