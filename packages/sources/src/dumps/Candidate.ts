import { type BackupId, type Instant, instantFromMillis } from "@backup-catalog/core"
import { notFinished } from "../folders/notFinished.ts"
import { oneOfEach } from "../folders/oneOfEach.ts"
import type { PathNames } from "../folders/pathPattern.ts"
import { isRunning } from "../folders/runningName.ts"
import { endInZone, instantInZone } from "../reading/zonedTime.ts"
import { backupIdOf } from "../records/backupId.ts"
import { plainText } from "../records/recordText.ts"
import type { Dump, DumpContent, DumpTime } from "./Dump.ts"

/** The name of the importer, of which ids are made. */
export const NAME = "dumps"

/** A dump with all that its record needs. */
export interface Candidate {
  readonly dump: Dump
  readonly content: DumpContent
  readonly names: PathNames
  readonly id: BackupId
  readonly created: Instant
  readonly updated: Instant
  /** Whether it says itself when it was made. */
  readonly dated: boolean
  /** Undefined where its data is elsewhere. */
  readonly bytes: bigint | undefined
  /** When it was last written to, in milliseconds since 1970. */
  readonly lastWrite: number
  /** The times that it has and that are none. */
  readonly unread: ReadonlyArray<string>
}

const unknown: DumpContent = { form: "dump", databases: [], failure: notFinished() }

const writes = ({ files }: Dump): { readonly first: number; readonly last: number } => ({
  first: files.reduce((first, { modified }) => Math.min(first, modified), Number.POSITIVE_INFINITY),
  last: files.reduce((last, { modified }) => Math.max(last, modified), Number.NEGATIVE_INFINITY)
})

// Where summer is the standard time, and the clocks of winter, or of Ramadan, are the ones that are put back from it.
const backwardZone = /^(?:Europe\/Dublin|Eire|Africa\/(?:Casablanca|El_Aaiun|Windhoek))$/i

/** Whether a local time that the clocks repeat is the first or the second one. */
const whichOf = (isdst: boolean | undefined, zone: string): "before" | "after" =>
  isdst === undefined || isdst !== backwardZone.test(zone) ? "before" : "after"

const instantOf = (time: DumpTime | undefined, zone: string): Instant | undefined => {
  if (time === undefined) return undefined
  return "instant" in time ? time.instant : instantInZone(time.local, zone, whichOf(time.isdst, zone))
}

const endOf = (time: DumpTime | undefined, started: Instant | undefined, zone: string): Instant | undefined =>
  time !== undefined && "local" in time ? endInZone(time.local, zone, started) : instantOf(time, zone)

const idOf = ({ path }: Dump, content: DumpContent, bytes: bigint, last: number, source: string): BackupId => {
  if (content.checksum !== undefined) return backupIdOf(source, NAME, ["checksum", content.checksum])
  // One that is not finished stays the same backup while it grows.
  if (content.failure !== undefined || isRunning(path)) return backupIdOf(source, NAME, [path])
  return backupIdOf(source, NAME, [path, content.stamp ?? `${bytes} bytes of ${Math.floor(last / 1000)}`])
}

/** The candidate for a record that a dump is, with the names that its path has. */
export const candidateOf = (dump: Dump, names: PathNames, zone: string, source: string): Candidate => {
  const content = dump.content ?? unknown
  const bytes = dump.files.reduce((sum, { size }) => sum + BigInt(size), 0n)
  const { first, last } = writes(dump)
  const started = instantOf(content.started, zone)
  const end = endOf(content.ended, started, zone)
  // A clock may be put back meanwhile, and a time zone may be the wrong one.
  const ended = started !== undefined && end !== undefined && end < started ? started : end
  return {
    dump,
    content,
    names,
    id: idOf(dump, content, bytes, last, source),
    created: started ?? ended ?? instantFromMillis(first),
    updated: ended ?? started ?? instantFromMillis(last),
    dated: (started ?? ended) !== undefined,
    bytes: content.isBare === true ? undefined : bytes,
    lastWrite: last,
    unread: [content.started, content.ended].flatMap((time) =>
      time !== undefined && "local" in time && instantOf(time, zone) === undefined ? [time.local] : []
    )
  }
}

/** Before another one of the same backup: with its data, whole, with more of it, in the first folder. */
const byRank = (a: Candidate, b: Candidate): number => {
  const rank = ({ content }: Candidate) => (content.isBare === true ? 2 : 0) + (content.failure === undefined ? 0 : 1)
  return rank(a) - rank(b) || Number((b.bytes ?? 0n) - (a.bytes ?? 0n)) || (a.dump.path < b.dump.path ? -1 : 1)
}

/** One of several dumps with one checksum; the others are copies. */
export const withoutCopies = (candidates: ReadonlyArray<Candidate>) =>
  oneOfEach(candidates, byRank, ({ dump }, kept) => ({
    place: dump.path,
    message: `is a copy of the backup in ${plainText(kept.dump.path)}, and was not imported again`
  }))
