import { dumps } from "../../src/dumps/dumps.ts"
import type { SourceFile } from "../../src/index.ts"
import { asWanted, file, listed } from "../support/folders.ts"
import { descriptionOf, flat, inventoryOf, sample } from "../support/samples.ts"

/** A file of the samples. */
export const bytes = (path: string): Uint8Array => sample(`dumps/${path}`)
/** The same as text. */
export const text = (path: string): string => new TextDecoder().decode(bytes(path))

type Options = Parameters<typeof inventoryOf>[2]

/** What is imported of some files, in UTC unless told otherwise. */
export const importOf = (files: ReadonlyArray<SourceFile>, options: Options = {}) =>
  inventoryOf(dumps, files, { timeZone: "UTC", ...options })

/** The same where that must be one record, flat. */
export const only = (files: ReadonlyArray<SourceFile>, options: Options = {}) => {
  const { records, problems, complete } = importOf(files, options)
  const [record] = records
  if (record === undefined || records.length !== 1) throw new Error(`${records.length} records instead of one`)
  return { ...record, ...flat(record.backup), description: descriptionOf(record.backup), problems, complete }
}

/** The status of each record by its own id. */
export const statuses = (files: ReadonlyArray<SourceFile>, options: Options = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(importOf(files, options).records.map(({ backup, nativeId }) => [nativeId, backup.status]))

/** When the files that the tests write were written. */
export const written = Date.UTC(2026, 10, 23, 18)

/** The files that a manifest lists, with their sizes and nothing in them. */
export const listedIn = (
  manifest: string,
  root: string,
  kept: (name: string) => boolean
): ReadonlyArray<SourceFile> => {
  const { Files }: { readonly Files: ReadonlyArray<{ readonly Path: string; readonly Size: number }> } =
    JSON.parse(manifest)
  return Files.filter(({ Path }) => !kept(Path)).map(({ Path, Size }) => file(`${root}/${Path}`, "", { size: Size }))
}

/** A file as a reader of folders gives it. */
export const whole = (path: string, content: string | Uint8Array, modified = written): SourceFile =>
  asWanted(dumps, path, typeof content === "string" ? new TextEncoder().encode(content) : content, modified)

/** The files of a plain base backup by its manifest, with one segment of WAL, which the manifest leaves out. */
export const plainBaseBackup = (root: string): ReadonlyArray<SourceFile> => {
  const manifest = bytes("pg_basebackup/shop-plain/backup_manifest")
  const kept = ["backup_label", "PG_VERSION"]
  return [
    ...kept.map((name) => whole(`${root}/${name}`, bytes(`pg_basebackup/shop-plain/${name}`))),
    ...listedIn(new TextDecoder().decode(manifest), root, (name) => kept.includes(name)),
    file(`${root}/pg_wal/00000001000000000000001E`, "", { size: 16_777_216 }),
    whole(`${root}/backup_manifest`, manifest)
  ]
}

// What `head`, `tail`, `pg_dump` and the listing kept of each file of the sample.
export const pgDumpFiles: ReadonlyArray<SourceFile> = listed(text("pg_dump/file-listing.tsv")).flatMap((entry) => {
  const of = (head: Uint8Array, tail: Uint8Array, problem?: string) =>
    file(entry.path, "", { ...entry, head, tail, problem })
  const none = new Uint8Array()
  switch (entry.path) {
    case "shop_schema.dump":
    case "shop_truncated_in_toc.dump":
    case "globals.sql":
      return of(bytes(`pg_dump/${entry.path}`), bytes(`pg_dump/${entry.path}`).slice(-4_096))
    case "shop_2026-11-23T1803Z.dump":
      return of(bytes("pg_dump/shop_2026-11-23T1803Z.dump.first512.bin"), new Uint8Array(4_096).fill(0xa7, 0, -10))
    case "shop_truncated.dump":
      return of(bytes("pg_dump/shop_2026-11-23T1803Z.dump.first512.bin"), new Uint8Array(4_096).fill(0xa7))
    case "crm_audit.dir/toc.dat":
      return of(bytes("pg_dump/crm_audit.dir.toc.dat.first4096.bin"), none)
    case "crm_audit.dir/3342.dat.gz":
      return of(none, none)
    // Of this one the sample has no bytes.
    case "crm_audit.tar":
      return []
    default: {
      const kept = (end: string) => bytes(`pg_dump/sql-head/${entry.path}.${end}.txt`)
      return entry.size === 0 ? of(none, none, "unexpected end of file") : of(kept("head"), kept("tail"))
    }
  }
})

/** The files of the sample of mysqldump. */
export const mysqldumpFiles: ReadonlyArray<SourceFile> = listed(text("mysqldump/file-listing.tsv")).map((entry) =>
  file(entry.path, "", {
    ...entry,
    head: bytes(`mysqldump/${entry.path}.head.txt`),
    tail: bytes(`mysqldump/${entry.path}.tail.txt`)
  })
)

const archiveOf = (minor: 15 | 16, server: string, kinds: ReadonlyArray<string>): Uint8Array => {
  const integer = (value: number) => [
    value < 0 ? 1 : 0,
    ...[0, 8, 16, 24].map((shift) => (Math.abs(value) >> shift) & 255)
  ]
  const string = (value: string | null) =>
    value === null ? integer(-1) : [...integer(value.length), ...new TextEncoder().encode(value)]
  const kindAndSql = (kind: string): readonly [string, string] =>
    kind.startsWith("TABLE CREATE") ? ["TABLE", kind.slice(6)] : [kind, "CREATE TABLE"]
  return new Uint8Array([
    ...[..."PGDMP"].map((letter) => letter.charCodeAt(0)),
    ...[1, minor, 0, 4, 8, 1, 1],
    ...[17, 38, 4, 24, 6, 126, 1].flatMap(integer),
    ...["shop", server, server].flatMap(string),
    ...integer(kinds.length),
    ...kinds
      .map(kindAndSql)
      .flatMap(([kind, sql]) => [
        ...[7, 0].flatMap(integer),
        ...["1259", "16385", "t", kind].flatMap(string),
        ...integer(2),
        ...[sql, "", "", "public", "", "heap"].flatMap(string),
        ...(minor === 16 ? integer(114) : []),
        ...["postgres", "false", null].flatMap(string),
        ...[3, 0, 0, 0, 0, 0, 0, 0, 0]
      ])
  ])
}

/**
 * An archive as WriteHead and WriteToc of 1.16 write it: entries of some kinds, all without data, then nothing. Behind
 * TABLE there may be its SQL.
 */
export const archive16 = (...kinds: ReadonlyArray<string>): Uint8Array => archiveOf(16, "17.2", kinds)

/** The same of 1.15. */
export const archive15 = (...kinds: ReadonlyArray<string>): Uint8Array => archiveOf(15, "16.4", kinds)
