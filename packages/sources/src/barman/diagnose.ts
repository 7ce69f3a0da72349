import { Predicate, Schema } from "effect"
import type { Problem } from "../Importer.ts"
import { decodeEntries } from "../reading/decodeEntries.ts"
import { decodeEntry, maybe, someText } from "../reading/decodeEntry.ts"
import { Bytes } from "../reading/toolNumbers.ts"
import { offsetOf } from "../reading/zonedTime.ts"
import { plainText, toolWords } from "../records/recordText.ts"
import { type BarmanBackup, type BarmanRead, isOfSnapshots, NO_SERVER } from "./BarmanBackup.ts"
import { readBarmanTime, TimeText } from "./barmanTime.ts"
import { doubtOfDatabase } from "./suspicion.ts"

// Kept as it is: Schema.Record would lose a server that is called __proto__.
const AnyObject = Schema.declare(Predicate.isRecord)

/** What is read of `barman diagnose`; its servers and their backups are read one by one. */
const Diagnosis = Schema.Struct({
  global: Schema.Struct({
    config: maybe(Schema.Struct({ errors_list: maybe(Schema.Array(Schema.Unknown)) })),
    system_info: maybe(Schema.Struct({ timestamp: maybe(Schema.String) }))
  }),
  servers: AnyObject
})

/** A setting, which `--show-config-source` prints beside the file that it is from. */
const Setting = Schema.Union(someText, Schema.Struct({ value: Schema.NullOr(someText) }))

const DiagnosedServer = Schema.Struct({
  backups: AnyObject,
  config: maybe(Schema.Struct({ basebackups_directory: maybe(Setting) })),
  /** What the database says of itself; null where it did not answer. */
  status: maybe(Schema.Struct({ postgres_systemid: maybe(Schema.String), streaming_systemid: maybe(Schema.String) }))
})

const DiagnosedBackup = Schema.Struct({
  status: maybe(Schema.String),
  begin_time: maybe(TimeText),
  end_time: maybe(TimeText),
  /** All files of the backup. */
  size: maybe(Bytes),
  /** Those that no older backup has as the same files. */
  deduplicated_size: maybe(Bytes),
  version: maybe(Schema.Int),
  error: maybe(Schema.String),
  mode: maybe(Schema.String),
  /** Of the database that it is of. */
  systemid: maybe(Schema.String),
  backup_name: maybe(Schema.String),
  /** Of the block-level increments that Barman 3.11 and later makes. */
  parent_backup_id: maybe(someText)
})

/** Whether a value is the answer of `barman diagnose`. */
export const isDiagnosis = (value: unknown): boolean =>
  Predicate.isRecord(value) &&
  Predicate.isRecord(value.global) &&
  Predicate.isRecord(value.servers) &&
  (Predicate.isRecord(value.global.config) || Predicate.isRecord(value.global.system_info))

const settingOf = (found: typeof Setting.Type | null | undefined): string | null | undefined =>
  typeof found === "object" && found !== null ? found.value : found

const inCloud = /^[a-z][a-z\d+.-]*:\/\//i

/**
 * Where the folders of a server's backups are; the storage of a cloud has those of all servers, as barman-cloud names
 * them.
 */
const folderOf = (directory: string, server: string): string =>
  inCloud.test(directory) ? `${directory.replace(/\/+$/, "")}/${server}/base` : directory

const timeOf = (text: string | null | undefined): BarmanBackup["start"] =>
  text === null || text === undefined ? undefined : readBarmanTime(text)

/** The backups of one server. */
const readServer = (name: string, entry: unknown): BarmanRead => {
  const at = plainText(name)
  const { value: server, problems: broken } = decodeEntry(DiagnosedServer, entry, at)
  const directory = settingOf(server?.config?.basebackups_directory)
  const folder = directory ? folderOf(directory, name) : undefined
  const present = [server?.status?.postgres_systemid, server?.status?.streaming_systemid]
  const entries = Object.entries(server?.backups ?? {}).map(([id, value]) => ({
    place: `${at}.${plainText(id)}`,
    id,
    value
  }))
  const { found, problems, areAll } = decodeEntries(DiagnosedBackup, entries, ["parent_backup_id"])
  return {
    backups: found.map(({ place, id, value: backup }) => ({
      place,
      server: name,
      id,
      status: backup.status ?? undefined,
      name: backup.backup_name,
      start: timeOf(backup.begin_time),
      stop: timeOf(backup.end_time),
      bytes: isOfSnapshots(backup.mode) ? undefined : (backup.deduplicated_size ?? backup.size),
      version: backup.version,
      parent: backup.parent_backup_id,
      suspect: doubtOfDatabase(backup.systemid, present),
      notes: [backup.mode ?? undefined, backup.error ?? undefined],
      path: folder === undefined ? undefined : `${folder}/${id}`
    })),
    problems: [...broken, ...problems],
    complete: server !== undefined && areAll,
    bareServers: server !== undefined && entries.length === 0 ? [name] : []
  }
}

const noServer: Problem = { place: "servers", message: NO_SERVER }

/** The backups in the answer of `barman diagnose`. */
export const readDiagnosis = (value: unknown): BarmanRead => {
  const { value: diagnosis, problems: broken } = decodeEntry(Diagnosis, value, "diagnose")
  if (diagnosis === undefined) return { backups: [], problems: broken, complete: false }
  const errors = (diagnosis.global.config?.errors_list ?? []).map((error, n) => ({
    place: `global.config.errors_list[${n}]`,
    message: `Barman finds a fault in its configuration, so backups may be missing: ${toolWords(String(error))}`
  }))
  const servers = Object.entries(diagnosis.servers).map(([name, server]) => readServer(name, server))
  const gaps = servers.length === 0 ? [...errors, noServer] : errors
  return {
    backups: servers.flatMap((server) => server.backups),
    problems: [...broken, ...gaps, ...servers.flatMap((server) => server.problems)],
    complete: broken.length === 0 && gaps.length === 0 && servers.every((server) => server.complete),
    bareServers: servers.flatMap((server) => server.bareServers ?? []),
    offset: offsetOf(diagnosis.global.system_info?.timestamp ?? "")
  }
}
