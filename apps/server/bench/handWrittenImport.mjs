// The yardstick of the import: what somebody writes who needs it once, with one transaction for each 10,000 lines.
import { createReadStream, rmSync } from "node:fs"
import { createInterface } from "node:readline"
import Database from "better-sqlite3"

const [file, path] = process.argv.slice(2)
for (const part of ["", "-wal", "-shm"]) rmSync(path + part, { force: true })
const database = new Database(path)
database.pragma("journal_mode = WAL")
database.exec(`
  CREATE TABLE backups (account TEXT, id TEXT, name TEXT, description TEXT, status TEXT, created INTEGER, updated INTEGER,
    size REAL, instance_id TEXT, parent_id TEXT, locationRef TEXT, type TEXT, version TEXT, version_id TEXT, native_id TEXT,
    PRIMARY KEY (account, id));
  CREATE INDEX newest ON backups (account, created DESC, id DESC);
  CREATE INDEX by_instance ON backups (account, instance_id, created DESC, id DESC);`)
const insert = database.prepare(`INSERT OR REPLACE INTO backups VALUES (${Array(15).fill("?").join(", ")})`)
const micros = (text) => Date.parse(`${text}Z`) * 1000
let inTransaction = 0
for await (const line of createInterface({ input: createReadStream(file) })) {
  const {
    id,
    name,
    description,
    status,
    created,
    updated,
    size,
    instance_id,
    parent_id,
    locationRef,
    datastore,
    native_id
  } = JSON.parse(line)
  const { type = null, version = null, version_id = null } = datastore ?? {}
  if (inTransaction === 0) database.exec("BEGIN")
  insert.run(
    ...["bench", id, name, description, status, micros(created), micros(updated), size, instance_id, parent_id],
    ...[locationRef, type, version, version_id, native_id]
  )
  if (++inTransaction === 10_000) {
    database.exec("COMMIT")
    inTransaction = 0
  }
}
if (inTransaction > 0) database.exec("COMMIT")
database.close()
