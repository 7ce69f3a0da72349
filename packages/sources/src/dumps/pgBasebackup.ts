import { type Instant, parseInstant } from "@backup-catalog/core"
import type { SourceFile } from "../Importer.ts"
import { otherPackings } from "../packedName.ts"
import { plainText } from "../recordText.ts"
import { baseName } from "../sourcePath.ts"
import { abbreviatedTime, type DumpContent, type DumpTime, type Increment } from "./Dump.ts"
import { endsAsTar, type TarMember, tarMembers } from "./tar.ts"
import { unfinishedCopy, wholePath } from "./unfinishedCopy.ts"

const decoder = new TextDecoder()

const TAR_FORM = "pg_basebackup as tar"

const tarNamed = (names: string): RegExp =>
  new RegExp(String.raw`^(?:${names})\.tar(?:\.(?:gz|${otherPackings}))*$`, "i")
const baseTar = tarNamed("base")
const anyTar = tarNamed(String.raw`base|pg_wal|\d+`)

// The data of a server, as its manual has it in "Database File Layout", with the names before PostgreSQL 10. Folders called
// `base` and `global` may hold other backups as well.
const dataFile = new RegExp(
  String.raw`^(?:(?:base\/\d+|global)\/(?:(?:INCREMENTAL\.)?\d+(?:_\w+)?(?:\.\d+)?|pg_control|pg_filenode\.map|PG_VERSION)$` +
    "|pg_(?:clog|commit_ts|dynshmem|logical|multixact|notify|replslot|serial|snapshots|stat|stat_tmp|subtrans" +
    String.raw`|tblspc|twophase|wal|xact|xlog)\/|(?:backup_label|PG_VERSION|tablespace_map)$)`
)
const manifestFile = /^backup_manifest(?:\.tmp)?$/
const logFile = /^(?:pg_)?log\//

/** Whether a file lies in the root of a base backup, and only there. */
export const isBaseMark = ({ path, head, problem }: SourceFile): boolean => {
  const name = baseName(path)
  if (manifestFile.test(name)) {
    return head.length === 0 || decoder.decode(head.subarray(0, 200)).includes("PostgreSQL-Backup-Manifest-Version")
  }
  // One that cannot be read may well be what its name says.
  const isUnread = problem !== undefined && head.length === 0
  if (name === "backup_label") return isUnread || decoder.decode(head).startsWith("START WAL LOCATION: ")
  if (isUnread && baseTar.test(name)) return true
  return baseTar.test(name) && tarMembers(head).some((member) => member.name === "backup_label")
}

const below = (root: string, name: string): string => (root === "" ? name : `${root}/${name}`)

/** The name below the root of the file that one is, or will be once it is whole. */
const nameIn = (root: string, { path }: SourceFile): string =>
  wholePath(root === "" ? path : path.slice(root.length + 1))

/** Whether a tar file may be that of the data by another name, or a piece of it, which is not looked into: `base.tar.gz.aa`. */
const isOddBase = (name: string): boolean => /^(?:base|data)[^/]*\.tar\b/i.test(name) && !anyTar.test(name)

type Shape = "tar" | "plain" | "bare"

/** What a folder with a mark has besides a manifest, which may be one that is kept apart from its backup. */
const shapeOf = (root: string, files: ReadonlyArray<SourceFile>): Shape => {
  const names = files.map((file) => nameIn(root, file))
  if (names.some((name) => baseTar.test(name))) return "tar"
  if (names.some((name) => dataFile.test(name))) return "plain"
  return names.some((name) => anyTar.test(name)) && !names.some(isOddBase) ? "tar" : "bare"
}

/**
 * The files of a base backup among those below its root. A plain one has whatever lies in its root, too, such as the
 * configuration, unless that is a dump of its own.
 */
export const baseParts = (
  root: string,
  files: ReadonlyArray<SourceFile>,
  isDump: (file: SourceFile) => boolean
): ReadonlyArray<SourceFile> => {
  const shape = shapeOf(root, files)
  return files.filter((file) => {
    const name = nameIn(root, file)
    if (manifestFile.test(name) || dataFile.test(name)) return true
    if (shape === "plain") return logFile.test(name) || (!name.includes("/") && !isDump(file))
    return anyTar.test(name) || (shape === "bare" && isOddBase(name))
  })
}

/** What backup_label says. */
interface Label {
  readonly local: string
  readonly zone: string | undefined
  readonly label: string | undefined
  readonly increment: Increment | undefined
}

const line = (text: string, key: string): string | undefined =>
  new RegExp(`^${key}: (.*?)\\r?$`, "m").exec(text)?.[1] || undefined

const positionOf = (lsn: string | undefined, timeline: string | undefined): string | undefined =>
  lsn === undefined ? undefined : `${timeline ?? "?"}:${/^[0-9A-F]+\/[0-9A-F]+/i.exec(lsn)?.[0] ?? lsn}`

const readLabel = (text: string): Label | undefined => {
  const [, local, zone] = /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(?: (\S+))?/.exec(line(text, "START TIME") ?? "") ?? []
  if (local === undefined) return undefined
  const start = positionOf(line(text, "START WAL LOCATION"), line(text, "START TIMELINE"))
  const from = positionOf(line(text, "INCREMENTAL FROM LSN"), line(text, "INCREMENTAL FROM TLI"))
  return { local, zone, label: line(text, "LABEL"), increment: start === undefined ? undefined : { start, from } }
}

/** What backup_manifest says; times in it are in GMT. */
interface Manifest {
  readonly checksum: string | undefined
  readonly system: string | undefined
  readonly labelWritten: Instant | undefined
  readonly lastWritten: Instant | undefined
}

const gmt = (text: string | undefined): Instant | undefined =>
  text === undefined ? undefined : parseInstant(`${text}Z`)

const encodedPath = /"Encoded-Path": "((?:[0-9a-f]{2})+)"/g

/** What is read of a manifest, with every path as text: one that is no UTF-8 is encoded, and with `--manifest-force-encode` all are. */
const manifestText = ({ head }: SourceFile): string =>
  decoder.decode(head).replace(encodedPath, (_, hex: string) => {
    const path = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
    return `"Path": ${JSON.stringify(decoder.decode(path))}`
  })

const readManifest = (head: string, tail: string): Manifest => {
  const times = [...`${head}\n${tail}`.matchAll(/"Last-Modified": "(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}) GMT"/g)]
  const latest = times.reduce((last, [, time = ""]) => (time > last ? time : last), "")
  return {
    checksum: /"Manifest-Checksum":\s*"([0-9a-f]{64})"\s*\}\s*$/i.exec(tail)?.[1],
    system: /"System-Identifier":\s*"?(\d+)/.exec(head)?.[1],
    labelWritten: gmt(/"Path": "backup_label",[^}]{0,100}"Last-Modified": "([^"]+) GMT"/.exec(head)?.[1]),
    lastWritten: latest === "" ? undefined : gmt(latest)
  }
}

const listed = /"Path": "((?:[^"\\]|\\.)+)", "Size": (\d+)/g

/** What shows that a base backup is there in part only: data that its manifest lists is not, or is shorter. Tablespaces may be elsewhere. */
const lackOf = (root: string, manifest: SourceFile, files: ReadonlyArray<SourceFile>): string | undefined => {
  const sizes = new Map(files.map(({ path, size }) => [path, size]))
  const data = [...manifestText(manifest).matchAll(listed)].flatMap(([, name = "", size]) =>
    dataFile.test(name) && !name.startsWith("pg_tblspc/")
      ? [{ name, size: Number(size), found: sizes.get(below(root, name)) }]
      : []
  )
  const [first, ...others] = data.filter(({ size, found }) => found === undefined || found < size)
  if (first === undefined) return undefined
  const what = others.length === 0 ? `file ${first.name} is` : `files ${first.name} and ${others.length} more are`
  return `not whole: its ${what} missing or cut off`
}

const endOf = (manifest: Manifest | undefined, failure: string | undefined): DumpTime | undefined =>
  failure === undefined && manifest?.lastWritten !== undefined ? { instant: manifest.lastWritten } : undefined

const QUARTER_MICROS = 15n * 60n * 1_000_000n

/**
 * The start of a backup. Its label has it in the zone of the server, by an abbreviation; the manifest and a tar file have
 * the moment when the label was written, in GMT. Where that is right after, it tells the zone: zones differ from GMT by
 * quarters of an hour.
 */
const startOf = (
  label: Label | undefined,
  written: Instant | undefined,
  isRightAfter: boolean
): DumpTime | undefined => {
  if (label === undefined) return written === undefined ? undefined : { instant: written }
  const time = abbreviatedTime(label.local, label.zone)
  const digits = parseInstant(label.local)
  if ("instant" in time || !isRightAfter || written === undefined || digits === undefined) return time
  const apart = digits - written
  const half = apart < 0n ? -QUARTER_MICROS / 2n : QUARTER_MICROS / 2n
  return { instant: (digits - ((apart + half) / QUARTER_MICROS) * QUARTER_MICROS) as Instant }
}

/** The system identifier at the beginning of pg_control, in the order of bytes in which its version makes sense. */
const controlSystem = (head: Uint8Array): string | undefined => {
  if (head.length < 12) return undefined
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const isLittle = [true, false].find((little) => {
    const version = view.getUint32(8, little)
    return version > 500 && version < 10_000
  })
  return isLittle === undefined ? undefined : view.getBigUint64(0, isLittle).toString()
}

/** Why a tar file is not whole, as far as its end was looked at: it ends in two blocks of zeros. */
const tarFault = ({ path, size, tail, problem }: SourceFile): string | undefined => {
  const name = baseName(path)
  if (problem !== undefined) return `its ${name} could not be read to its end: ${plainText(problem)}`
  const isWhole = tail.every((byte) => byte === 0) && (!name.endsWith(".tar") || size % 512 === 0)
  return size > 0 && (tail.length === 0 || isWhole) ? undefined : `its ${name} is cut off`
}

/** The tablespaces of a base backup: by the map in a tar file, and by the manifest, which lists their files. */
const tablespacesOf = (members: ReadonlyArray<TarMember>, manifest: SourceFile | undefined): ReadonlyArray<string> => {
  const map = members.find(({ name }) => name === "tablespace_map")
  const mapped = decoder.decode(map?.content).matchAll(/^(\d+) /gm)
  const filed = manifest === undefined ? [] : manifestText(manifest).matchAll(/"Path": "pg_tblspc\/(\d+)\//g)
  return [...new Set(Array.from([...mapped, ...filed], ([, number = ""]) => number))]
}

/** Of which tablespace there is no tar file: each has one beside the base. */
const missingTablespace = (
  tablespaces: ReadonlyArray<string>,
  files: ReadonlyArray<SourceFile>
): string | undefined => {
  const there = new Set(files.map(({ path }) => /^(\d+)\.tar\b/.exec(baseName(path))?.[1]))
  return tablespaces.find((number) => !there.has(number))
}

const plainFailure = (
  root: string,
  files: ReadonlyArray<SourceFile>,
  manifest: SourceFile | undefined
): string | undefined => {
  if (manifest !== undefined) return lackOf(root, manifest, files)
  const control = files.find(({ path }) => path === below(root, "global/pg_control"))
  return control !== undefined && control.size > 0
    ? undefined
    : "not finished: it has neither backup_manifest nor global/pg_control"
}

const tarFailure = (
  files: ReadonlyArray<SourceFile>,
  manifest: SourceFile | undefined,
  base: SourceFile | undefined,
  tablespaces: ReadonlyArray<string>
): string | undefined => {
  if (base === undefined) return "not whole: its base.tar is missing"
  const missing = missingTablespace(tablespaces, files)
  if (missing !== undefined) return `not whole: the tar file of its tablespace ${missing} is missing`
  const besides = files.filter((file) => file !== base && anyTar.test(baseName(file.path)))
  const fault = [base, ...besides].map(tarFault).find((found) => found !== undefined)
  // Before its manifest is there, it may still be being made.
  if (fault !== undefined) return `not ${manifest === undefined ? "finished" : "whole"}: ${fault}`
  return manifest !== undefined || base.tail.length > 0 ? undefined : "not known to be whole: it has no backup_manifest"
}

/** Which file of its data, or which tar file, is still being written. In the WAL of a server such names are its own. */
const unfinishedIn = (root: string, files: ReadonlyArray<SourceFile>): string | undefined =>
  unfinishedCopy(
    files.filter((file) => {
      const name = nameIn(root, file)
      return anyTar.test(name) || /^(?:base|global)\//.test(name)
    })
  )

const failureOf = (
  root: string,
  files: ReadonlyArray<SourceFile>,
  shape: Shape,
  manifest: SourceFile | undefined,
  base: SourceFile | undefined,
  checksum: string | undefined,
  tablespaces: ReadonlyArray<string>
): string | undefined => {
  if (manifest !== undefined && checksum === undefined) return "not whole: its backup_manifest is cut off"
  if (manifest === undefined && files.some(({ path }) => baseName(path) === "backup_manifest.tmp")) {
    return "not finished: its backup_manifest is not complete"
  }
  const unfinished = unfinishedIn(root, files)
  if (unfinished !== undefined) return `not finished: ${unfinished}`
  switch (shape) {
    case "plain":
      return plainFailure(root, files, manifest)
    case "tar":
      return tarFailure(files, manifest, base, tablespaces)
    case "bare":
      return undefined
  }
}

const versionIn = (text: string | undefined): DumpContent["datastore"] => ({
  type: "PostgreSQL",
  version: /^\d+(?:\.\d+)?/.exec(text ?? "")?.[0]
})

const labelIn = (members: ReadonlyArray<TarMember>): TarMember | undefined =>
  members.find(({ name }) => name === "backup_label")

/** What the files of a base backup in a folder say; its manifest is written last, if it was not left out. */
export const readBaseBackup = (root: string, files: ReadonlyArray<SourceFile>): DumpContent => {
  const at = (name: string) => files.find(({ path }) => path === below(root, name))
  const shape = shapeOf(root, files)
  const base = files.find(({ path }) => baseTar.test(baseName(path)))
  const members: ReadonlyArray<TarMember> = base === undefined ? [] : tarMembers(base.head)
  const textAt = (name: string): string | undefined => {
    const bytes = at(name)?.head ?? members.find((member) => member.name === name)?.content
    return bytes === undefined ? undefined : decoder.decode(bytes)
  }
  const listing = at("backup_manifest")
  const manifest = listing && readManifest(manifestText(listing), decoder.decode(listing.tail))
  const label = readLabel(textAt("backup_label") ?? "")
  const system = manifest?.system ?? controlSystem(at("global/pg_control")?.head ?? new Uint8Array())
  const tablespaces = tablespacesOf(members, listing)
  const failure = failureOf(root, files, shape, listing, base, manifest?.checksum, tablespaces)
  const written = manifest?.labelWritten ?? labelIn(members)?.modified
  return {
    form: shape === "tar" ? TAR_FORM : "pg_basebackup",
    isBare: shape === "bare",
    databases: [],
    datastore: versionIn(textAt("PG_VERSION")),
    // Tablespaces come before the label, and may take hours.
    started: startOf(label, written, tablespaces.length === 0),
    ended: endOf(manifest, failure),
    stamp: label?.increment?.start,
    checksum: manifest?.checksum?.toLowerCase(),
    failure,
    label: label?.label,
    system,
    increment: label?.increment
  }
}

/**
 * What a base backup in a single tar file says, as `pg_basebackup -D - -Ft` writes it; undefined when it is another tar
 * file. Its label is in front, made as it begins; its manifest is in it, too, at its end.
 */
export const readBaseTar = (file: SourceFile): DumpContent | undefined => {
  const members = tarMembers(file.head)
  const label = readLabel(decoder.decode(labelIn(members)?.content))
  if (label === undefined) return undefined
  const manifest = readManifest("", decoder.decode(file.tail).replace(/\0+$/, ""))
  const [tablespace] = tablespacesOf(members, undefined)
  const elsewhere = tablespace && `not whole: its tablespace ${tablespace} is not in it`
  const failure = endsAsTar(file) ? elsewhere : "cut off"
  return {
    form: TAR_FORM,
    databases: [],
    datastore: versionIn(decoder.decode(members.find(({ name }) => name === "PG_VERSION")?.content)),
    started: startOf(label, labelIn(members)?.modified, true),
    ended: endOf(manifest, failure),
    stamp: label.increment?.start,
    checksum: manifest.checksum?.toLowerCase(),
    failure,
    label: label.label,
    increment: label.increment
  }
}
