import { type Instant, parseInstantWithZone } from "@backup-catalog/core"
import { Schema } from "effect"
import { maybe, someText } from "../reading/decodeEntry.ts"
import { Bytes, WholeNumber } from "../reading/toolNumbers.ts"
import { instantInZone } from "../reading/zonedTime.ts"

/** Whether a time says in which zone it is. */
export const hasZone = (text: string): boolean => parseInstantWithZone(text) !== undefined

// Borg 1 prints no zone, Borg 2 prints an offset. Whether a text is a time does not depend on the zone.
const Time = Schema.String.pipe(Schema.filter((text) => hasZone(text) || instantInZone(text, "UTC") !== undefined))

/** An archive of `borg list --json` or `borg info --json`, as far as a record is made of it. */
export const BorgArchive = Schema.Struct({
  id: someText,
  name: someText,
  start: Time,
  end: maybe(Time),
  hostname: maybe(Schema.String),
  username: maybe(Schema.String),
  comment: maybe(Schema.String),
  stats: maybe(
    Schema.Struct({ original_size: maybe(Bytes), deduplicated_size: maybe(Bytes), nfiles: maybe(WholeNumber) })
  )
})
export type BorgArchive = typeof BorgArchive.Type

/** When an archive was begun and finished. */
export interface Span {
  readonly created: Instant
  readonly updated: Instant
}

const instantOf = (text: string, zone: string, repeated: "before" | "after" = "before"): Instant | undefined =>
  parseInstantWithZone(text) ?? instantInZone(text, zone, repeated)

/**
 * When an archive was begun and finished; `zone` is that of the times that name none. Undefined when its start is
 * beyond what a record can hold. In the hour that the clocks repeat an end before the start is one of the second time.
 */
export const spanOf = ({ start, end }: BorgArchive, zone: string): Span | undefined => {
  const created = instantOf(start, zone)
  if (created === undefined) return undefined
  const ends = end ? [instantOf(end, zone), instantOf(end, zone, "after")] : []
  return { created, updated: ends.find((instant) => instant !== undefined && instant >= created) ?? created }
}
