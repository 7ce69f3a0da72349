import { grouped, type Instant } from "@backup-catalog/core"
import { postgresVersion } from "../datastores/postgresVersion.ts"
import type { ImportOptions, Problem } from "../Importer.ts"
import { endInZone, instantInZone } from "../reading/zonedTime.ts"
import { backupIdOf } from "../records/backupId.ts"
import { backupOf } from "../records/backupOf.ts"
import type { PlacedRecord } from "../records/inventoryOf.ts"
import { plainText, shownText } from "../records/recordText.ts"
import type { BarmanBackup, BarmanRead } from "./BarmanBackup.ts"
import { barmanStatus, idsTellStarts, lacksStart, latestOfServer, type StatusFound, timeOfId } from "./barmanStatus.ts"
import { type BarmanTime, localTimeOfId } from "./barmanTime.ts"

/** The records of a list, and which backups need a zone that nobody gave. */
export interface BarmanRecords {
  readonly records: ReadonlyArray<PlacedRecord>
  readonly problems: ReadonlyArray<Problem>
  readonly complete: boolean
  readonly withoutZone: ReadonlyArray<BarmanBackup>
}

interface TimesFound {
  readonly created: Instant
  readonly updated: Instant
  readonly note?: string
}

type Lack = "zone" | "time"

const instantOf = (
  time: BarmanTime,
  zone: string | undefined,
  read: (text: string, zone: string) => Instant | undefined
): Instant | undefined => {
  if (typeof time === "bigint") return time
  return zone === undefined ? undefined : read(time, zone)
}

const timesOf = (
  backup: BarmanBackup,
  zone: string | undefined,
  offset: string | undefined,
  tellStarts: boolean
): TimesFound | Lack => {
  const start = backup.start ?? backup.stop
  const stop = backup.stop ?? backup.start
  if (start === null || start === undefined || stop === null || stop === undefined) {
    if (localTimeOfId(backup.id) === undefined) return "time"
    const created = backup.idTime
    if (created === undefined) return "zone"
    const note = `Barman tells no time of it: this one is from its id, read in ${zone ?? offset}`
    return { created, updated: created, note }
  }
  const startOfId = tellStarts && lacksStart(backup) && typeof stop === "bigint" ? backup.idTime : undefined
  const created = startOfId ?? instantOf(start, zone, instantInZone)
  const updated = instantOf(stop, zone, (text, known) => endInZone(text, known, created))
  return created === undefined || updated === undefined ? "zone" : { created, updated }
}

const locationOf = ({ server, id, path }: BarmanBackup, { location }: ImportOptions): string | undefined =>
  location === undefined ? path : `${location}/${server}/base/${id}`

const recordOf = (
  backup: BarmanBackup,
  { created, updated, note }: TimesFound,
  { status, reason }: StatusFound,
  options: ImportOptions
): PlacedRecord => {
  const idOf = (id: string) => backupIdOf(options.source, "barman", [backup.server, id])
  const parent = backup.parent ?? undefined
  const suspect = status === "COMPLETED" ? backup.suspect : undefined
  const version = typeof backup.version === "number" ? postgresVersion(backup.version) : undefined
  const record = backupOf({
    id: idOf(backup.id),
    name: backup.name ?? "",
    otherwise: backup.id,
    description: [
      backup.name ? backup.id : undefined,
      ...backup.notes,
      parent === undefined ? undefined : `incremental, on ${parent}`,
      suspect,
      reason,
      note
    ],
    status,
    created,
    updated,
    bytes: backup.bytes ?? undefined,
    instance: backup.server,
    parentId: parent === undefined ? undefined : idOf(parent),
    locationRef: locationOf(backup, options),
    datastore: { type: "PostgreSQL", version }
  })
  return { place: backup.place, record: { backup: record, nativeId: backup.id, nativeParentId: parent, suspect } }
}

const unknownStatus = (
  { place, status, server, id }: BarmanBackup,
  { isUnknown }: StatusFound
): ReadonlyArray<Problem> => {
  if (isUnknown !== true) return []
  const found =
    status === undefined ? "Barman gives no status" : `the catalog does not know the status ${shownText(status)}`
  const advice = `see what \`barman show-backup ${plainText(server)} ${plainText(id)}\` says of it`
  return [{ place: `${place}.status`, message: `${found}, so the backup is imported as FAILED: ${advice}` }]
}

/** Makes records of the backups that an output of Barman tells of. */
export const barmanRecords = (read: BarmanRead, options: ImportOptions): BarmanRecords => {
  const problems = [...read.problems]
  const records: Array<PlacedRecord> = []
  const withoutZone: Array<BarmanBackup> = []
  const servers = grouped(read.backups, ({ server }) => server)
  const zone = options.timeZone ?? read.offset
  for (const listed of servers.values()) {
    const siblings =
      zone === undefined || !listed.some(lacksStart)
        ? listed
        : listed.map((backup) => ({ ...backup, idTime: timeOfId(backup, listed, zone) }))
    const latest = latestOfServer(siblings)
    const tellStarts = options.timeZone !== undefined && idsTellStarts(siblings, options.timeZone)
    for (const backup of siblings) {
      const times = timesOf(backup, options.timeZone, read.offset, tellStarts)
      if (times === "zone") withoutZone.push(backup)
      else if (times === "time")
        problems.push({
          place: backup.place,
          message: "Barman gives no time of the backup, and its id has none, so it was left out"
        })
      else {
        const found = barmanStatus(backup, latest)
        problems.push(...unknownStatus(backup, found))
        records.push(recordOf(backup, times, found, options))
      }
    }
  }
  return { records, problems, complete: read.complete && records.length === read.backups.length, withoutZone }
}
