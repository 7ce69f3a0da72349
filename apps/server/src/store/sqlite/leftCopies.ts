import { existsSync, readdirSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import Database from "better-sqlite3"
import { Console, Effect } from "effect"

const NAME = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.unfinished$/

/** How long nothing was written to a copy that counts as left, in milliseconds: between two steps one is not locked for a moment. */
const IDLE = 600_000

/** What belongs to an unfinished copy: its journal, and itself as the last. */
export const filesOfCopy = (unfinished: string): ReadonlyArray<string> => [`${unfinished}-journal`, unfinished]

const isLocked = (path: string): boolean => {
  try {
    const database = new Database(path, { fileMustExist: true, timeout: 0 })
    try {
      database.exec("BEGIN EXCLUSIVE")
    } finally {
      database.close()
    }
    return false
  } catch (error) {
    return error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY")
  }
}

const isLeft = (path: string): boolean => {
  const written = filesOfCopy(path).map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  return Date.now() - Math.max(...written) > IDLE && !isLocked(path)
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

/** Removes from a folder the unfinished copies that nobody works on any more, whatever they would have been called. */
export const removeLeftCopies = (folder: string): Effect.Effect<void> =>
  Effect.suspend(() => {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => NAME.test(name)) : []
    return Effect.forEach(names.map((name) => join(folder, name)).filter(isLeft), remove, { discard: true })
  })
