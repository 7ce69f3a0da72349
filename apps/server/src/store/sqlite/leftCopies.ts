import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import Database from "better-sqlite3"
import { Console, Effect } from "effect"

const NAME = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.unfinished$/

/**
 * How long nothing was written to a copy that counts as left, in milliseconds: between two steps one is not locked for
 * a moment.
 */
const IDLE = 600_000

/**
 * How a file of SQLite begins, and its journal once there is something in it; until then that has zeros (SQLite,
 * Database File Format).
 */
const BEGINS = { file: "53514c69746520666f726d6174203300", journal: /^(d9d505f920a163d7|0{16}$|$)/ }

/** What belongs to an unfinished copy: its journal, and itself as the last. */
export const filesOfCopy = (unfinished: string): ReadonlyArray<string> => [`${unfinished}-journal`, unfinished]

/** The first bytes of a file, in hexadecimal; undefined where there is none. */
const beginningOf = (path: string, length: number): string | undefined => {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined
  const file = openSync(path, "r")
  try {
    const bytes = Buffer.alloc(length)
    return bytes.toString("hex", 0, readSync(file, bytes, 0, length, 0))
  } finally {
    closeSync(file)
  }
}

/** Whether it may be opened as a file of SQLite, which would take a journal beside anything else away. */
const isOfSqlite = (path: string): boolean => {
  const journal = beginningOf(`${path}-journal`, 8)
  if (journal !== undefined && !BEGINS.journal.test(journal)) return false
  const beginning = beginningOf(path, BEGINS.file.length / 2)
  // The first page of a copy comes last: until then there is nothing in its place, and a journal.
  return beginning === BEGINS.file || (journal !== undefined && beginning !== undefined && /^0*$/.test(beginning))
}

/** Whether nobody works on a file of SQLite, and it has a catalog in it, or nothing that was ever complete. */
const isFreeCatalog = (path: string): boolean => {
  const database = new Database(path, { fileMustExist: true, timeout: 0 })
  try {
    database.exec("BEGIN EXCLUSIVE")
    const tables = database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
    return tables.length === 0 || ["effect_sql_migrations", "backups"].every((name) => tables.includes(name))
  } finally {
    database.close()
  }
}

const isIdle = (path: string): boolean => {
  const written = filesOfCopy(path).map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  return Date.now() - Math.max(...written) > IDLE
}

const isLeft = (path: string): boolean => {
  try {
    return isIdle(path) && isOfSqlite(path) && isFreeCatalog(path)
  } catch {
    // Of what cannot be read or locked nobody knows whose it is.
    return false
  }
}

const namesIn = (folder: string): ReadonlyArray<string> => {
  try {
    return readdirSync(folder)
  } catch {
    // There may be a copy into a folder that cannot be listed; if there is none, that says why.
    return []
  }
}

const remove = (path: string): Effect.Effect<void> =>
  Effect.try(() => {
    for (const file of filesOfCopy(path)) rmSync(file, { force: true })
  }).pipe(
    Effect.matchEffect({
      onFailure: () => Console.error(`${path} was left by a backup that was killed, and cannot be removed.`),
      onSuccess: () => Console.error(`Removed ${path}, which a backup that was killed had left.`)
    })
  )

/**
 * Removes from a folder the unfinished copies of catalogs that nobody works on any more, whatever they would have been
 * called. What cannot be listed, read or locked stays as it is.
 */
export const removeLeftCopies = (folder: string): Effect.Effect<void> =>
  Effect.suspend(() => {
    const names = namesIn(folder).filter((name) => NAME.test(name))
    return Effect.forEach(names.map((name) => join(folder, name)).filter(isLeft), remove, { discard: true })
  })
