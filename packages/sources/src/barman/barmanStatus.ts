import type { BackupStatus, Instant } from "@backup-catalog/core"
import { instantInZone } from "../reading/zonedTime.ts"
import type { BarmanBackup } from "./BarmanBackup.ts"
import { localTimeOfId } from "./barmanTime.ts"

const statuses: ReadonlyMap<string, BackupStatus> = new Map([
  ["EMPTY", "NEW"],
  ["STARTED", "BUILDING"],
  ["SYNCING", "BUILDING"],
  ["WAITING_FOR_WALS", "SAVING"],
  ["DONE", "COMPLETED"],
  ["FAILED", "FAILED"]
])

// The states in which a process of Barman is at work, or was when it died.
const running: ReadonlySet<string> = new Set(["EMPTY", "STARTED", "SYNCING"])
const copied: ReadonlySet<string> = new Set(["WAITING_FOR_WALS", "DONE"])
// What is copied from another Barman may be copied in any order.
const SYNCING = "SYNCING"

/** Whether Barman says that it is at work on a backup, which may be long dead: only a list of all tells. */
export const isAtWork = ({ status }: Pick<BarmanBackup, "status">): boolean =>
  status !== undefined && running.has(status)

/** The state of a backup, and why when it is not what Barman says. */
export interface StatusFound {
  readonly status: BackupStatus
  readonly reason?: string
  /** Whether Barman's own word for it is not known. */
  readonly isUnknown?: boolean
}

/** Whether Barman does not tell when a backup began, so that only its id does. */
export const lacksStart = ({ start }: BarmanBackup): boolean => start === undefined || start === null

const hasStart = ({ start }: BarmanBackup): boolean => typeof start === "bigint"

/**
 * When a backup began by its id, which begins with the local time of the start; undefined when it does not. In the hour
 * that the clocks repeat, one that is at work began after every one that has ended: Barman makes one of a server at a
 * time.
 */
export const timeOfId = (
  { id, status, start }: BarmanBackup,
  siblings: ReadonlyArray<BarmanBackup>,
  zone: string
): Instant | undefined => {
  const local = localTimeOfId(id)
  const first = local === undefined ? undefined : instantInZone(local, zone)
  const isOwnWork = isAtWork({ status }) && status !== SYNCING
  if (local === undefined || first === undefined || !(isOwnWork || typeof start === "bigint")) return first
  const second = instantInZone(local, zone, "after") ?? first
  if (typeof start === "bigint") return start < second ? first : second
  const hasEndedBetween = ({ stop }: BarmanBackup) => typeof stop === "bigint" && first < stop && stop <= second
  return first < second && siblings.some(hasEndedBetween) ? second : first
}

/**
 * Whether the ids of a server's backups can be in a zone: each one began before it ended, and after the end of the one
 * that ended before it, since Barman makes one of a server at a time. Those of a host that was in another zone, or of
 * another Barman's host, are not.
 */
export const idsTellStarts = (siblings: ReadonlyArray<BarmanBackup>, zone: string): boolean => {
  const ended = siblings
    .flatMap(({ id, idTime, stop }) => (typeof stop === "bigint" ? { id, idTime, stop } : []))
    .sort((one, other) => Number(one.stop - other.stop) || (one.id < other.id ? -1 : 1))
  return ended.every(({ id, idTime, stop }, index) => {
    const local = localTimeOfId(id)
    if (local === undefined || idTime === undefined) return true
    const latest = instantInZone(local, zone, "after") ?? idTime
    return idTime <= stop && (ended[index - 1]?.stop ?? idTime) <= latest
  })
}

/** By their starts where both tell them, else by their ids. */
const isOlder = (one: BarmanBackup, other: BarmanBackup): boolean => {
  if (typeof one.start === "bigint" && typeof other.start === "bigint") return one.start < other.start
  return one.idTime !== undefined && other.idTime !== undefined && one.idTime !== other.idTime
    ? one.idTime < other.idTime
    : one.id < other.id
}

const latestOf = (backups: ReadonlyArray<BarmanBackup>): BarmanBackup | undefined =>
  backups.reduce<BarmanBackup | undefined>(
    (latest, one) => (latest === undefined || isOlder(latest, one) ? one : latest),
    undefined
  )

/** The backups that began last: of those that tell their start, of those that do not, by the ids of all. */
interface Latest {
  readonly timed: BarmanBackup | undefined
  readonly untimed: BarmanBackup | undefined
  readonly byId: BarmanBackup | undefined
}

const latestAmong = (backups: ReadonlyArray<BarmanBackup>): Latest => ({
  timed: latestOf(backups.filter(hasStart)),
  untimed: latestOf(backups.filter((one) => !hasStart(one))),
  byId: latestOf(backups.map((one) => ({ ...one, start: undefined })))
})

/** Which backups of a server began last: of those that are finished, and of those that it made itself. */
export interface LatestOfServer {
  readonly finished: Latest
  readonly own: Latest
}

const isCopied = ({ status }: BarmanBackup): boolean => status !== undefined && copied.has(status)

/** Which backups of a server began last. */
export const latestOfServer = (backups: ReadonlyArray<BarmanBackup>): LatestOfServer => ({
  finished: latestAmong(backups.filter(isCopied)),
  own: latestAmong(backups.filter(({ status }) => status !== SYNCING))
})

/** The state of a backup among those of its server: one that is at work but began before another one is dead. */
export const barmanStatus = (backup: BarmanBackup, latest: LatestOfServer): StatusFound => {
  const said = backup.status
  const status = said === undefined ? undefined : statuses.get(said)
  if (said === undefined || status === undefined) {
    return { status: "FAILED", reason: `Barman's status of it is ${said ?? "missing"}`, isUnknown: true }
  }
  if (!isAtWork(backup)) return { status }
  // Barman makes one backup of a server at a time; a process that was killed leaves its state behind for ever.
  const { timed, untimed, byId } = said === SYNCING ? latest.finished : latest.own
  const candidates = hasStart(backup) ? [timed, untimed] : [byId]
  const isDead = candidates.some((other) => other !== undefined && isOlder(backup, other))
  // Which one that is, the next import would say otherwise, and so change a record that has not changed.
  const later = said === SYNCING ? "is finished" : "has begun"
  return isDead
    ? { status: "FAILED", reason: `Barman still says ${said}, but a later backup of the server ${later}` }
    : { status }
}
