import { statSync } from "node:fs"
import { StoreUnavailable } from "@backup-catalog/core/store"
import { Context, Effect } from "effect"

/** How long the file is taken to be where it was, by who only reads, in milliseconds. */
const TRUSTED = 1000

/**
 * The file that an SQLite store was opened from, as long as it is the one at its path.
 *
 * SQLite would go on with a file that was removed, or that another one took the place of: what is written to it is gone
 * when it is closed, and what is read from it is no longer so.
 */
export class StoreFile extends Context.Tag("@backup-catalog/server/StoreFile")<
  StoreFile,
  {
    /** Throws where it was not there within the last second. */
    readonly assert: () => void
    /** Fails where it is not there now. */
    readonly check: Effect.Effect<void, StoreUnavailable>
  }
>() {}

const identityOf = (path: string): string | undefined => {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

const movedError = (path: string): Error =>
  Object.assign(
    new Error(
      `${path} is not the file that was opened: it was removed, or another one put in its place; restart the server`
    ),
    // What SQLite itself says of such a file, where it looks.
    { code: "SQLITE_READONLY_DBMOVED" }
  )

/** Watches over the file that is at a path now, and over those that SQLite has beside it from when it makes them. */
export const watchFile = (path: string): typeof StoreFile.Service => {
  const opened = new Map([[path, identityOf(path)]])
  const isAsOpened = (file: string): boolean => {
    const found = identityOf(file)
    if (!opened.has(file) && found !== undefined) opened.set(file, found)
    return opened.get(file) === found
  }
  let looked = performance.now()
  let moved: Error | undefined
  const look = (): Error | undefined => {
    const gone = [path, `${path}-wal`, `${path}-shm`].find((file) => !isAsOpened(file))
    moved = gone === undefined ? undefined : movedError(gone)
    looked = performance.now()
    return moved
  }
  return {
    assert: () => {
      const error = moved === undefined && performance.now() - looked < TRUSTED ? undefined : look()
      if (error !== undefined) throw error
    },
    check: Effect.suspend(() => {
      const error = look()
      return error === undefined ? Effect.void : new StoreUnavailable({ cause: error })
    })
  }
}
