import { randomUUID } from "node:crypto"
import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync
} from "node:fs"
import { dirname, join, resolve } from "node:path"
import { Effect } from "effect"
import { UsageError } from "../outcomes/UsageError.ts"

const failure = (path: string, what: string) => (error: unknown) =>
  new UsageError({
    message: `The profile ${path} cannot be ${what}: ${error instanceof Error ? error.message : String(error)}.`
  })

// As many as Linux follows.
const MAX_LINKS = 40

const foundAt = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false })

/** Where the links at a path lead, which may be where nothing is; one of them where they lead in a circle. */
const behindLinks = (path: string): string => {
  let target = path
  for (let links = 0; links < MAX_LINKS && foundAt(target)?.isSymbolicLink(); links++) {
    target = resolve(realpathSync(dirname(target)), readlinkSync(target))
  }
  return target
}

/** Makes a folder and those above it, for its owner alone. */
const makeFolder = (path: string): void => {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
    const above = dirname(path)
    // Node's own recursion never ends where a folder that is there takes none, as those of /proc and of automounters.
    if (above === path || statSync(above, { throwIfNoEntry: false }) !== undefined) throw error
    makeFolder(above)
    // Meanwhile another program may have made it.
    makeFolder(path)
  }
}

const write = (path: string, text: string): void => {
  // Whoever keeps their settings elsewhere has a link here, which must stay one.
  const target = behindLinks(path)
  makeFolder(dirname(target))
  const next = join(dirname(target), `.profile-${randomUUID()}`)
  const file = openSync(next, "wx", 0o600)
  try {
    try {
      // Unlike one writeSync, it goes on, or fails, where only a part was written.
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    // The umask may have taken from the mode.
    chmodSync(next, 0o600)
    renameSync(next, target)
  } catch (error) {
    rmSync(next, { force: true })
    throw error
  }
}

/**
 * Writes a profile, whole or not at all, so that nobody but its owner may read it; its folder is made where there is
 * none.
 */
export const writeProfile = (
  path: string,
  members: Readonly<Record<string, unknown>>
): Effect.Effect<void, UsageError> =>
  Effect.try({
    try: () => write(path, `${JSON.stringify(members, null, 2)}\n`),
    catch: failure(path, "written")
  })

const remove = (path: string): boolean => {
  const found = foundAt(path)
  if (found === undefined) return false
  if (found.isSymbolicLink()) {
    // The token is where the link leads.
    const target = behindLinks(path)
    if (foundAt(target)?.isFile()) rmSync(target)
  } else if (!found.isFile()) {
    // It may be a device that others need.
    throw new Error("it is not a regular file")
  }
  rmSync(path, { force: true })
  return true
}

/** Removes a profile, also the file that a link there leads to, and says whether there was one. */
export const removeProfile = (path: string): Effect.Effect<boolean, UsageError> =>
  Effect.try({ try: () => remove(path), catch: failure(path, "removed") })
