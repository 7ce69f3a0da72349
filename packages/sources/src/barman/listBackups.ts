import { Predicate, Schema } from "effect"
import { decodeEntries, placedIn } from "../reading/decodeEntries.ts"
import { maybe, someText } from "../reading/decodeEntry.ts"
import { Bytes, EpochSeconds } from "../reading/toolNumbers.ts"
import { plainText } from "../records/recordText.ts"
import { type BarmanRead, isOfSnapshots, NO_SERVER } from "./BarmanBackup.ts"
import { serversOf } from "./jsonOutput.ts"
import { INCREMENTAL, lackOfParent } from "./suspicion.ts"

const ListedBackup = Schema.Struct({
  backup_id: someText,
  status: maybe(Schema.String),
  backup_name: maybe(Schema.String),
  /** Since Barman 3.11. */
  backup_type: maybe(Schema.String),
  /** `end_time` beside it is without a zone, in that of the database server. */
  end_time_timestamp: maybe(EpochSeconds),
  /** The files of the backup, and the WAL that it needs. */
  size_bytes: maybe(Bytes),
  retention_status: maybe(Schema.String)
})

const isListed = (entry: unknown): boolean => Predicate.isRecord(entry) && typeof entry.backup_id === "string"

/** Whether a value is the answer of `barman -f json list-backups`, and has a backup or else no server with anything. */
export const isBackupList = (value: unknown): boolean => {
  const lists = serversOf(value)?.map(([, list]) => list)
  return (
    lists !== undefined &&
    (lists.some((list) => Array.isArray(list) && list.some(isListed)) ||
      lists.every((list) => Array.isArray(list) && list.length === 0))
  )
}

/** Whether a value is the answer of `list-backups --minimal`, which has only ids. */
export const isMinimalList = (value: unknown): boolean =>
  serversOf(value)?.some(
    ([, list]) => Array.isArray(list) && list.length > 0 && list.every((id) => typeof id === "string")
  ) ?? false

const retentionOf = (status: string | null | undefined): string | undefined =>
  status === undefined || status === null || status === "-" ? undefined : `retention: ${status}`

/** What is to be said of backups that are incremental, since the list does not tell to which; undefined without any. */
const incrementsIn = (ids: ReadonlyArray<string>): string | undefined => {
  const [first, ...others] = ids
  if (first === undefined) return undefined
  const more = others.length === 0 ? "is" : `and ${others.length} more are`
  return `${plainText(first)} ${more} incremental, and this list does not say to which backup: import what \`barman diagnose\` prints instead`
}

/** The backups of one server. */
const readServer = (server: string, list: unknown): BarmanRead => {
  const at = plainText(server)
  if (!Array.isArray(list)) {
    const message = "what Barman gives for this server is not a list of backups, so it was left out"
    return { backups: [], problems: [{ place: at, message }], complete: false }
  }
  const { found, problems, areAll } = decodeEntries(ListedBackup, placedIn(list, at), ["backup_type"])
  const increments = found.filter(({ value }) => value.backup_type === INCREMENTAL)
  const untold = incrementsIn(increments.map(({ value }) => value.backup_id))
  return {
    backups: found.map(({ place, value: backup }) => ({
      place,
      server,
      id: backup.backup_id,
      status: backup.status ?? undefined,
      name: backup.backup_name,
      stop: backup.end_time_timestamp,
      bytes: isOfSnapshots(backup.backup_type) ? undefined : backup.size_bytes,
      suspect: lackOfParent(backup.backup_type, undefined),
      notes: [backup.backup_type === INCREMENTAL ? INCREMENTAL : undefined, retentionOf(backup.retention_status)]
    })),
    problems: untold === undefined ? problems : [...problems, { place: at, message: untold }],
    complete: areAll,
    bareServers: list.length === 0 ? [server] : []
  }
}

/** The backups in the answer of `barman -f json list-backups`. */
export const readBackupList = (value: unknown): BarmanRead => {
  const servers = (serversOf(value) ?? []).map(([server, list]) => readServer(server, list))
  if (servers.length === 0) return { backups: [], problems: [{ place: "", message: NO_SERVER }], complete: false }
  return {
    backups: servers.flatMap((server) => server.backups),
    problems: servers.flatMap((server) => server.problems),
    complete: servers.every((server) => server.complete),
    bareServers: servers.flatMap((server) => server.bareServers ?? [])
  }
}
