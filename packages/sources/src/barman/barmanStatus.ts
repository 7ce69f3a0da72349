import type { BackupStatus } from "@backup-catalog/core"
import type { BarmanBackup } from "./BarmanBackup.ts"

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

/** The state of a backup, and why when it is not what Barman says. */
export interface StatusFound {
  readonly status: BackupStatus
  readonly reason?: string
  /** Whether Barman's own word for it is not known. */
  readonly isUnknown?: boolean
}

const hasStart = ({ start }: BarmanBackup): boolean => typeof start === "bigint"

/** By their starts where both tell them, else by their ids, which begin with the local time of the start. */
const isOlder = (one: BarmanBackup, other: BarmanBackup): boolean =>
  typeof one.start === "bigint" && typeof other.start === "bigint" ? one.start < other.start : one.id < other.id

const latestOf = (backups: ReadonlyArray<BarmanBackup>): BarmanBackup | undefined =>
  backups.reduce<BarmanBackup | undefined>(
    (latest, one) => (latest === undefined || isOlder(latest, one) ? one : latest),
    undefined
  )

/** The finished backups of a server that began last: of those that tell their start, of those that do not, by the ids of all. */
export interface LatestFinished {
  readonly timed: BarmanBackup | undefined
  readonly untimed: BarmanBackup | undefined
  readonly byId: BarmanBackup | undefined
}

/** Which finished backups began last among those of a server. */
export const latestFinished = (backups: ReadonlyArray<BarmanBackup>): LatestFinished => {
  const finished = backups.filter(({ status }) => status !== undefined && copied.has(status))
  return {
    timed: latestOf(finished.filter(hasStart)),
    untimed: latestOf(finished.filter((one) => !hasStart(one))),
    byId: latestOf(finished.map((one) => ({ ...one, start: undefined })))
  }
}

/** The state of a backup among those of its server: one that is at work but began before a finished one is dead. */
export const barmanStatus = (backup: BarmanBackup, { timed, untimed, byId }: LatestFinished): StatusFound => {
  const said = backup.status
  const status = said === undefined ? undefined : statuses.get(said)
  if (said === undefined || status === undefined) {
    return { status: "FAILED", reason: `Barman's status of it is ${said ?? "missing"}`, isUnknown: true }
  }
  if (!running.has(said)) return { status }
  // Barman makes one backup of a server at a time; a process that was killed leaves its state behind for ever.
  const candidates = hasStart(backup) ? [timed, untimed] : [byId]
  const later = candidates.find((other) => other !== undefined && isOlder(backup, other))
  return later === undefined
    ? { status }
    : { status: "FAILED", reason: `Barman still says ${said}, but ${later.id} began later and is finished` }
}
