import { type Instant, parseInstant } from "@backup-catalog/core"
import { abbreviatedTime, type DumpTime, type Increment } from "../Dump.ts"

/** What backup_label says. */
export interface Label {
  readonly local: string
  readonly zone: string | undefined
  readonly label: string | undefined
  readonly increment: Increment | undefined
}

const line = (text: string, key: string): string | undefined =>
  new RegExp(`^${key}: (.*?)\\r?$`, "m").exec(text)?.[1] || undefined

const positionOf = (lsn: string | undefined, timeline: string | undefined): string | undefined =>
  lsn === undefined ? undefined : `${timeline ?? "?"}:${/^[0-9A-F]+\/[0-9A-F]+/i.exec(lsn)?.[0] ?? lsn}`

/** Reads a backup_label; undefined where it does not say when the backup began. */
export const readLabel = (text: string): Label | undefined => {
  const [, local, zone] = /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(?: (\S+))?/.exec(line(text, "START TIME") ?? "") ?? []
  if (local === undefined) return undefined
  const start = positionOf(line(text, "START WAL LOCATION"), line(text, "START TIMELINE"))
  const from = positionOf(line(text, "INCREMENTAL FROM LSN"), line(text, "INCREMENTAL FROM TLI"))
  return { local, zone, label: line(text, "LABEL"), increment: start === undefined ? undefined : { start, from } }
}

const QUARTER_MICROS = 15n * 60n * 1_000_000n

/**
 * The start of a backup. Its label has it in the zone of the server, by an abbreviation; the manifest and a tar file
 * have the moment when the label was written, in GMT. Where that is right after, it tells the zone: zones differ from
 * GMT by quarters of an hour.
 */
export const startOf = (
  label: Label | undefined,
  written: Instant | undefined,
  isRightAfter: boolean
): DumpTime | undefined => {
  if (label === undefined) return written === undefined ? undefined : { instant: written }
  const time = abbreviatedTime(label.local, label.zone)
  const digits = parseInstant(label.local)
  if ("instant" in time || !isRightAfter || written === undefined || digits === undefined) return time
  const apart = digits - written
  const half = apart < 0n ? -QUARTER_MICROS / 2n : QUARTER_MICROS / 2n
  return { instant: (digits - ((apart + half) / QUARTER_MICROS) * QUARTER_MICROS) as Instant }
}
