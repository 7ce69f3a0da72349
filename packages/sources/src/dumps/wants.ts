import type { FolderImporter, Wanted } from "../Importer.ts"
import { baseName } from "../sourcePath.ts"
import { isGzip, isPerhapsDump } from "./fileNames.ts"

/** How much of a single dump is looked at: its first comments or table of contents, and its last lines. */
export const DUMP_HEAD = 65_536
const DUMP_TAIL = 4_096

const MEBIBYTE = 1_048_576
const NOTHING: Wanted = { head: 0, tail: 0 }

// Up to here a base backup that is compressed, and each file of a directory of pg_dump, is uncompressed to its end, to see
// whether that is there.
const MOST_UNCOMPRESSED = 256 * MEBIBYTE

const wantedByName = (name: string, size: number): Wanted | undefined => {
  if (/^backup_manifest(?:\.tmp)?$/.test(name)) return { head: 4 * MEBIBYTE, tail: 65_536 }
  if (name === "backup_label" || name === "PG_VERSION") return { head: 4_096, tail: 0 }
  if (name === "pg_control") return { head: 16, tail: 0 }
  if (name === "base.tar") return { head: DUMP_HEAD, tail: 1_024 }
  if (name === "base.tar.gz") return { head: DUMP_HEAD, tail: size <= MOST_UNCOMPRESSED ? 1_024 : 0, gunzip: true }
  if (/^(?:pg_wal|\d+)\.tar(?:\.gz)?$/.test(name)) {
    const isGzip = name.endsWith(".gz")
    return { head: 512, tail: isGzip && size > MOST_UNCOMPRESSED ? 0 : 1_024, gunzip: isGzip }
  }
  if (/^(?:pg_wal|\d+)\.tar\.\w+$/.test(name)) return NOTHING
  if (/^(?:\d+|blob_\d+)\.dat\.gz$/.test(name)) {
    return size <= MOST_UNCOMPRESSED ? { head: 0, tail: 1, gunzip: true } : NOTHING
  }
  if (name === "toc.dat" || /^blobs(?:_\d+)?\.toc$/.test(name)) return { head: 16 * MEBIBYTE, tail: 0 }
  if (/^metadata(?:\.partial|\.header)?$/.test(name)) return { head: 4 * MEBIBYTE, tail: DUMP_TAIL }
  return undefined
}

/** How much of a file is looked at, by its name. */
export const wants: FolderImporter["wants"] = (path, size) =>
  wantedByName(baseName(path), size) ??
  (isPerhapsDump(path) ? { head: DUMP_HEAD, tail: DUMP_TAIL, gunzip: isGzip(path) } : NOTHING)
