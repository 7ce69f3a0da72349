import { baseName } from "../folders/sourcePath.ts"
import type { FolderImporter, Wanted } from "../Importer.ts"
import { isGzip, isOtherwisePacked, isPerhapsDump, isTarName } from "./fileNames.ts"
import { TABLE_TAIL } from "./pgArchive/directoryArchive.ts"
import { SQL_TAIL } from "./pgSql.ts"
import { TarWalk } from "./TarWalk.ts"
import { mostEnd } from "./tar.ts"

/** How much of a single dump is looked at: its first comments or table of contents, and its last lines. */
export const DUMP_HEAD = 65_536
const DUMP_TAIL = SQL_TAIL

const MEBIBYTE = 1_048_576
const NOTHING: Wanted = { head: 0, tail: 0 }
// By it, files that are compressed each on their own are told from pieces of one.
const MAGIC: Wanted = { head: 6, tail: 0 }

// Up to here a base backup, and each file of a directory of pg_dump, is read to its end, to see whether all of it is
// there.
const MOST_READ = 256 * MEBIBYTE

const walked = { digest: () => new TarWalk() }

const wantedByName = (name: string, size: number): Wanted | undefined => {
  if (/^backup_manifest(?:\.tmp)?$/.test(name)) return { head: 4 * MEBIBYTE, tail: 65_536 }
  if (name === "backup_label" || name === "PG_VERSION") return { head: 4_096, tail: 0 }
  if (name === "pg_control") return { head: 16, tail: 0 }
  if (/^(?:base|pg_wal|\d+)\.tar(?:\.gz)?$/.test(name)) {
    const head = name.startsWith("base") ? DUMP_HEAD : 512
    const gunzip = name.endsWith(".gz")
    if (size <= MOST_READ) return { head, tail: 1_024, gunzip, ...walked }
    return { head, tail: gunzip ? 0 : 1_024, gunzip }
  }
  if (/^(?:pg_wal|\d+)\.tar\.\w+$/.test(name)) return NOTHING
  if (/^\d+\.dat$/.test(name)) return { head: 0, tail: TABLE_TAIL }
  if (/^(?:\d+|blob_\d+)\.dat\.gz$/.test(name)) {
    return size <= MOST_READ ? { head: 0, tail: 1, gunzip: true } : NOTHING
  }
  if (name === "toc.dat" || /^blobs(?:_\d+)?\.toc$/.test(name)) return { head: 16 * MEBIBYTE, tail: 0 }
  if (/^metadata(?:\.partial|\.header)?$/.test(name)) return { head: 4 * MEBIBYTE, tail: DUMP_TAIL }
  return undefined
}

const wantedOfDump = (path: string, size: number): Wanted => {
  const wanted = { head: DUMP_HEAD, tail: DUMP_TAIL, gunzip: isGzip(path) }
  if (!isTarName(path)) return wanted
  if (wanted.gunzip || size <= MOST_READ) return { ...wanted, ...walked }
  // What was written last is in front of all zeros that may be the end.
  return { ...wanted, tail: mostEnd(size) + DUMP_TAIL }
}

/** How much of a file is looked at, by its name. */
export const wants: FolderImporter["wants"] = (path, size) => {
  const wanted = wantedByName(baseName(path), size)
  if (wanted !== undefined) return wanted
  if (isPerhapsDump(path)) return wantedOfDump(path, size)
  return isOtherwisePacked(path) && /\d$/.test(path) ? MAGIC : NOTHING
}
