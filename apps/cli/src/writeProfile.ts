import { randomUUID } from "node:crypto"
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync
} from "node:fs"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { UsageError } from "./UsageError.ts"

const failure = (path: string, what: string) => (error: unknown) =>
  new UsageError({
    message: `The profile ${path} cannot be ${what}: ${error instanceof Error ? error.message : String(error)}.`
  })

// Whoever keeps their settings elsewhere has a link here, which must stay one.
const behindLinks = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

const write = (path: string, text: string): void => {
  const target = behindLinks(path)
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
  const next = join(dirname(target), `.profile-${randomUUID()}`)
  const file = openSync(next, "wx", 0o600)
  try {
    try {
      writeSync(file, text)
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

/** Writes a profile, whole or not at all, so that nobody but its owner may read it; its folder is made where there is none. */
export const writeProfile = (
  path: string,
  members: Readonly<Record<string, unknown>>
): Effect.Effect<void, UsageError> =>
  Effect.try({
    try: () => write(path, `${JSON.stringify(members, null, 2)}\n`),
    catch: failure(path, "written")
  })

/** Removes a profile; one that is not there is no failure. */
export const removeProfile = (path: string): Effect.Effect<void, UsageError> =>
  Effect.try({ try: () => rmSync(path, { force: true }), catch: failure(path, "removed") })
