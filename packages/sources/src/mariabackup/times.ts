import { type Instant, instantFromMillis } from "@backup-catalog/core"
import { instantInZone } from "../reading/zonedTime.ts"
import { plainText } from "../records/recordText.ts"
import { contentOf, type FolderReading } from "./FolderReading.ts"
import { uuidTime } from "./uuidTime.ts"

const CLOCKS_AGREE_MICROS = 15n * 60_000_000n

/** When a backup began and ended, and what is odd about that. */
export interface Times {
  readonly created: Instant
  readonly updated: Instant
  readonly problem?: string | undefined
}

const distance = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a)

/** The end, taken in a repeated hour as the UUID tells; and what is wrong when it tells of another time altogether. */
const endOf = (
  text: string,
  zone: string,
  uuid: string
): { readonly end: Instant; readonly problem?: string } | undefined => {
  const before = instantInZone(text, zone)
  const after = instantInZone(text, zone, "after")
  if (before === undefined || after === undefined) return undefined
  const made = uuidTime(uuid)
  if (made === undefined) return { end: before }
  const end = distance(after, made) < distance(before, made) ? after : before
  return distance(end, made) <= CLOCKS_AGREE_MICROS
    ? { end }
    : {
        end,
        problem: `ended at ${text}, which in ${zone} is not when its UUID was made: the time zone may be another one`
      }
}

/** The times of a backup in a zone: those of its metadata, else those of its files. */
export const timesOf = (reading: FolderReading, zone: string | undefined): Times => {
  const written = { created: instantFromMillis(reading.firstWrite), updated: instantFromMillis(reading.lastWrite) }
  const info = contentOf(reading.info)
  if (info === undefined || zone === undefined) return written
  const ended = endOf(info.end_time ?? "", zone, info.uuid ?? "")
  if (ended === undefined) {
    return {
      ...written,
      problem: `has the end_time ${plainText(info.end_time ?? "")}, which is not valid, so the times of its files were taken`
    }
  }
  const { end, problem } = ended
  const early = instantInZone(info.start_time ?? "", zone)
  const late = instantInZone(info.start_time ?? "", zone, "after")
  if (early === undefined || late === undefined) {
    return { created: end, updated: end, problem: problem ?? "has no start_time, so its end was taken for both" }
  }
  // Where the end is known to be in the second of two equal hours, so is a start that is not after it.
  const isLate = instantInZone(info.end_time ?? "", zone) !== end && late <= end
  const created = isLate ? late : early
  // A clock may be put back meanwhile.
  if (end < created) return { created, updated: created, problem }
  return { created, updated: end, problem }
}
