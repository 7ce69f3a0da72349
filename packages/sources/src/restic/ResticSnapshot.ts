import { type Instant, parseInstantWithZone } from "@backup-catalog/core"
import { Schema } from "effect"
import { maybe, someText } from "../reading/decodeEntry.ts"
import { Bytes } from "../reading/toolNumbers.ts"

// Go writes the time that is none as this one.
const NO_TIME = parseInstantWithZone("0001-01-01T00:00:00Z")

/** The instant of a time of restic, which always names its zone; undefined where it is none. */
export const timeOf = (text: string): Instant | undefined => {
  const instant = parseInstantWithZone(text)
  return instant === NO_TIME ? undefined : instant
}

const Time = Schema.String.pipe(Schema.filter((text) => timeOf(text) !== undefined))

const TimeOrNone = Schema.String.pipe(Schema.filter((text) => parseInstantWithZone(text) !== undefined))

/** A snapshot of `restic snapshots --json`, as far as a record is made of it. */
export const ResticSnapshot = Schema.Struct({
  id: someText,
  time: Time,
  original: maybe(someText),
  hostname: maybe(Schema.String),
  username: maybe(Schema.String),
  paths: maybe(Schema.Array(Schema.String)),
  tags: maybe(Schema.Array(Schema.String)),
  /**
   * What restic 0.17 and later keeps of the run that made the snapshot. `restic rewrite` adds one to a snapshot that
   * has none, in which only what it read is known, and all else is 0.
   */
  summary: maybe(
    Schema.Struct({
      backup_start: maybe(TimeOrNone),
      backup_end: maybe(TimeOrNone),
      data_added_packed: maybe(Bytes),
      total_bytes_processed: maybe(Bytes)
    })
  )
})
export type ResticSnapshot = typeof ResticSnapshot.Type

/**
 * What the id of a record is made of: the first id that a snapshot had, which `restic tag` keeps in `original` and
 * which so survives it. Where that is also another snapshot's (`restic rewrite` without `--forget` keeps both), its
 * own.
 */
export const stableIdIn = (snapshots: ReadonlyArray<ResticSnapshot>): ((snapshot: ResticSnapshot) => string) => {
  const own = new Set(snapshots.map(({ id }) => id))
  const successors = new Map<string, Set<string>>()
  for (const { id, original } of snapshots) {
    if (original) successors.set(original, (successors.get(original) ?? new Set()).add(id))
  }
  return ({ id, original }) => (original && !own.has(original) && successors.get(original)?.size === 1 ? original : id)
}
