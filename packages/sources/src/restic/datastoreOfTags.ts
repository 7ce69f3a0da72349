import { datastoreType } from "../datastores/datastoreType.ts"
import type { BackupFacts } from "../records/backupOf.ts"

/** The values of the tags `key=value` of one key, each once. */
const valuesOf = (tags: ReadonlyArray<string>, key: string): ReadonlyArray<string> => [
  ...new Set(tags.filter((tag) => tag.startsWith(`${key}=`)).map((tag) => tag.slice(key.length + 1)))
]

/**
 * The datastore that the tags of a snapshot name by agreement, `engine=postgresql` and `version=15.18`; undefined where
 * no tag names an engine, or two name two.
 */
export const datastoreOfTags = (tags: ReadonlyArray<string>): BackupFacts["datastore"] => {
  const [engine, another] = valuesOf(tags, "engine")
  const [version, anotherVersion] = valuesOf(tags, "version")
  if (!engine || another !== undefined) return undefined
  return { type: datastoreType(engine), version: anotherVersion === undefined ? version : undefined }
}
