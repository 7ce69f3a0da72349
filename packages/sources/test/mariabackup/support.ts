import type { SourceFile } from "../../src/index.ts"
import { mariabackup } from "../../src/mariabackup/mariabackup.ts"
import { file, listed } from "../support/folders.ts"
import { inventoryOf, sample } from "../support/samples.ts"

const text = (path: string): string => new TextDecoder().decode(sample(`mariabackup/${path}`))

/**
 * A folder of the sample with all its files by their listing; the metadata is real, of the others there is the size.
 */
export const sampleFolder = (name: string, as = name): ReadonlyArray<SourceFile> =>
  listed(text(`${name}/file-listing.txt`)).map(({ path, size, modified }) => {
    const isKept = mariabackup.wants(path, size).head > 0
    return file(`${as}/${path}`, isKept ? sample(`mariabackup/${name}/${path}`) : "", { size, modified })
  })

/** The folders of the sample. */
export const names = ["aborted-2026-11-23", "full-2026-11-23", "full-prepared", "inc1-2026-11-23", "inc2-2026-11-23"]
/** All files of the sample. */
export const everything = names.flatMap((name) => sampleFolder(name))

// uuid, times and the LSNs that decide the parents are read from xtrabackup_info; bytes are
// awk '{s += $1} END {print s}' of file-listing.txt, which is `du -sb` less 4,096 for each folder.
export const expected = [
  {
    nativeId: "aborted-2026-11-23",
    nativeParentId: undefined,
    name: "aborted-2026-11-23",
    status: "FAILED",
    created: "2026-11-23T18:04:24.000000Z",
    updated: "2026-11-23T18:04:24.000000Z",
    bytes: 6_991_940n,
    datastore: ["MariaDB", null]
  },
  {
    nativeId: "726735a3-e767-11f1-9be4-02fc00000001",
    nativeParentId: undefined,
    name: "full-2026-11-23",
    status: "COMPLETED",
    created: "2026-11-23T17:58:10.000000Z",
    updated: "2026-11-23T17:58:11.000000Z",
    bytes: 31_565_349n,
    datastore: ["MariaDB", "10.11.19"]
  },
  {
    nativeId: "788cbb63-e767-11f1-9be4-02fc00000001",
    nativeParentId: undefined,
    name: "full-prepared",
    status: "COMPLETED",
    created: "2026-11-23T17:58:21.000000Z",
    updated: "2026-11-23T17:58:21.000000Z",
    bytes: 31_565_369n,
    datastore: ["MariaDB", "10.11.19"]
  },
  {
    nativeId: "74bf1a0a-e767-11f1-9be4-02fc00000001",
    nativeParentId: "726735a3-e767-11f1-9be4-02fc00000001",
    name: "inc1-2026-11-23",
    status: "COMPLETED",
    created: "2026-11-23T17:58:14.000000Z",
    updated: "2026-11-23T17:58:15.000000Z",
    bytes: 5_154_723n,
    datastore: ["MariaDB", "10.11.19"]
  },
  {
    nativeId: "779aa7a1-e767-11f1-9be4-02fc00000001",
    nativeParentId: "74bf1a0a-e767-11f1-9be4-02fc00000001",
    name: "inc2-2026-11-23",
    status: "COMPLETED",
    created: "2026-11-23T17:58:18.000000Z",
    updated: "2026-11-23T17:58:19.000000Z",
    bytes: 5_534_135n,
    datastore: ["MariaDB", "10.11.19"]
  }
]

export type Options = Parameters<typeof inventoryOf>[2]

/** What is imported of some files, in UTC unless told otherwise. */
export const importOf = (files: ReadonlyArray<SourceFile>, options: Options = {}) =>
  inventoryOf(mariabackup, files, { timeZone: "UTC", ...options })

/** What a backup says of itself, where that is not as usual. */
export interface Written {
  readonly uuid?: string
  readonly from?: number
  readonly to?: number
  readonly start?: string
  readonly end?: string
  readonly command?: string
  readonly server?: string
  readonly type?: string
  readonly name?: string
  readonly partial?: string
  readonly more?: string
}

/** A UUID that no time is in, by its last digit. */
export const random = (last: string): string => `5f7c1f0e-4a57-4d0e-9c39-00000000000${last}`

const info = (backup: Written): string => `uuid = ${backup.uuid ?? random("1")}
name = ${backup.name ?? ""}
tool_name = mariabackup
tool_command = ${backup.command ?? "--backup --target-dir=/srv/backup"}
tool_version = 10.11.19-MariaDB
ibbackup_version = 10.11.19-MariaDB
server_version = ${backup.server ?? "10.11.19-MariaDB-log"}
start_time = ${backup.start ?? "2026-11-23 01:00:00"}
end_time = ${backup.end ?? backup.start ?? "2026-11-23 01:00:00"}
lock_time = 0
binlog_pos = filename 'a=b', position '1'
innodb_from_lsn = ${backup.from ?? 0}
innodb_to_lsn = ${backup.to ?? 100}
partial = ${backup.partial ?? "N"}
incremental = ${backup.from ? "Y" : "N"}
format = file
compressed = N
${backup.more ?? ""}`

/** The file of that name of a backup. */
export const checkpoints = (backup: Written): string => `backup_type = ${
  backup.type ?? (backup.from ? "incremental" : "full-backuped")
}
from_lsn = ${backup.from ?? 0}
to_lsn = ${backup.to ?? 100}
last_lsn = ${backup.to ?? 100}
`

/** The two files of metadata of a backup. */
export const metadataIn = (path: string, backup: Written = {}): ReadonlyArray<SourceFile> => [
  file(`${path}/xtrabackup_info`, info(backup)),
  file(`${path}/xtrabackup_checkpoints`, checkpoints(backup))
]

/** A folder of a backup: its two files of metadata, and 1,000 bytes of data. */
export const backupIn = (path: string, backup: Written = {}): ReadonlyArray<SourceFile> => [
  ...metadataIn(path, backup),
  file(`${path}/ibdata1`, "", { size: 800 }),
  file(`${path}/ib_logfile0`, "", { size: 100 }),
  file(`${path}/mysql/db.frm`, "", { size: 100 })
]
