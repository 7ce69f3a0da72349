import { statSync } from "node:fs"
import { StoreUnavailable } from "@backup-catalog/core"
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

/** Watches over the file that is at a path now. */
export const watchFile = (path: string): typeof StoreFile.Service => {
  const opened = identityOf(path)
  const moved = Object.assign(
    new Error(
      `${path} is not the file that was opened: it was removed, or another one put in its place; restart the server`
    ),
    // What SQLite itself says of such a file, where it looks.
    { code: "SQLITE_READONLY_DBMOVED" }
  )
  let looked = performance.now()
  let isThere = true
  const look = (): boolean => {
    isThere = identityOf(path) === opened
    looked = performance.now()
    return isThere
  }
  return {
    assert: () => {
      if (!(isThere && performance.now() - looked < TRUSTED) && !look()) throw moved
    },
    check: Effect.suspend(() => (look() ? Effect.void : new StoreUnavailable({ cause: moved })))
  }
}
