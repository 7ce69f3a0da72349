import { type Instant, parseInstant } from "@backup-catalog/core"
import type { SourceFile } from "../Importer.ts"
import { plainText } from "../recordText.ts"
import { baseName } from "../sourcePath.ts"
import { abbreviatedTime, type DumpContent, type DumpTime, type Increment } from "./Dump.ts"
import { type TarMember, tarMembers } from "./tar.ts"

const decoder = new TextDecoder()

const baseTar = /^base\.tar(?:\.\w+)?$/
const besideTar = /^(?:pg_wal|\d+)\.tar(?:\.\w+)?$/

/** Whether a file lies in the root of a base backup, and only there. */
export const isBaseMark = ({ path, head, problem }: SourceFile): boolean => {
  const name = baseName(path)
  if (name === "backup_manifest" || name === "backup_manifest.tmp") {
    return head.length === 0 || decoder.decode(head.subarray(0, 200)).includes("PostgreSQL-Backup-Manifest-Version")
  }
  // One that cannot be read may well be what its name says.
  const isUnread = problem !== undefined && head.length === 0
  if (name === "backup_label") return isUnread || decoder.decode(head).startsWith("START WAL LOCATION: ")
  if (isUnread && baseTar.test(name)) return true
  return baseTar.test(name) && tarMembers(head).some((member) => member.name === "backup_label")
}

const below = (root: string, name: string): string => (root === "" ? name : `${root}/${name}`)

/** Whether a folder has anything of a base backup besides a manifest, which may be a copy that was kept elsewhere. */
export const isBaseFolder = (root: string, paths: ReadonlySet<string>): boolean =>
  ["backup_label", "PG_VERSION", "global/pg_control", "base.tar", "base.tar.gz", "base.tar.lz4", "base.tar.zst"].some(
    (name) => paths.has(below(root, name))
  )

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

const readManifest = (file: SourceFile): Manifest => {
  const head = decoder.decode(file.head)
  const tail = decoder.decode(file.tail)
  const times = [...`${head}\n${tail}`.matchAll(/"Last-Modified": "(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}) GMT"/g)]
  const latest = times.reduce((last, [, time = ""]) => (time > last ? time : last), "")
  return {
    checksum: /"Manifest-Checksum":\s*"([0-9a-f]{64})"\s*\}\s*$/i.exec(tail)?.[1],
    system: /"System-Identifier":\s*"?(\d+)/.exec(head)?.[1],
    labelWritten: gmt(/"Path": "backup_label",[^}]*"Last-Modified": "([^"]+) GMT"/.exec(head)?.[1]),
    lastWritten: latest === "" ? undefined : gmt(latest)
  }
}

const listed = /"Path": "((?:[^"\\]|\\.)+)", "Size": (\d+)/g

/**
 * What shows that a base backup was copied in part only: of the data that its manifest lists, some is there and some is
 * not, or is shorter. Where none is, only the metadata was kept. Tablespaces may be elsewhere.
 */
const lackOf = (root: string, manifest: SourceFile, files: ReadonlyArray<SourceFile>): string | undefined => {
  const sizes = new Map(files.map(({ path, size }) => [path, size]))
  const data = [...decoder.decode(manifest.head).matchAll(listed)].flatMap(([, name = "", size]) =>
    /^(?:base|global)\//.test(name) ? [{ name, size: Number(size), found: sizes.get(below(root, name)) }] : []
  )
  const [first, ...others] = data.filter(({ size, found }) => found === undefined || found < size)
  if (first === undefined || data.every(({ found }) => found === undefined)) return undefined
  const what = others.length === 0 ? `file ${first.name} is` : `files ${first.name} and ${others.length} more are`
  return `not whole: its ${what} missing or cut off`
}

const QUARTER_MICROS = 15n * 60n * 1_000_000n

/**
 * The start of a backup. Its label has it in the zone of the server, by an abbreviation; the manifest has the moment when
 * the label was written, right after, in GMT, and zones differ from that by quarters of an hour.
 */
const startOf = (label: Label | undefined, written: Instant | undefined): DumpTime | undefined => {
  if (label === undefined) return written === undefined ? undefined : { instant: written }
  const time = abbreviatedTime(label.local, label.zone)
  const digits = parseInstant(label.local)
  if ("instant" in time || written === undefined || digits === undefined) return time
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
  return tail.length === 0 || isWhole ? undefined : `its ${name} is cut off`
}

/** Which tablespaces the manifest lists of which there is no tar file: as tar each has one beside the base. */
const missingTablespace = (manifest: SourceFile, files: ReadonlyArray<SourceFile>): string | undefined => {
  const there = new Set(files.map(({ path }) => /^(\d+)\.tar\b/.exec(baseName(path))?.[1]))
  const listed = decoder.decode(manifest.head).matchAll(/"Path": "pg_tblspc\/(\d+)\//g)
  return [...new Set(Array.from(listed, ([, number = ""]) => number))].find((number) => !there.has(number))
}

const failureOf = (
  root: string,
  files: ReadonlyArray<SourceFile>,
  manifest: SourceFile | undefined,
  tar: SourceFile | undefined,
  hasControl: boolean
): string | undefined => {
  const besides = tar === undefined ? [] : files.filter(({ path }) => besideTar.test(baseName(path)))
  const fault = [...(tar === undefined ? [] : [tar]), ...besides].map(tarFault).find((found) => found !== undefined)
  if (manifest !== undefined) {
    if (readManifest(manifest).checksum === undefined) return "not whole: its backup_manifest is cut off"
    if (tar === undefined) return lackOf(root, manifest, files)
    const missing = missingTablespace(manifest, files)
    if (missing !== undefined) return `not whole: the tar file of its tablespace ${missing} is missing`
    return fault === undefined ? undefined : `not whole: ${fault}`
  }
  if (files.some(({ path }) => baseName(path) === "backup_manifest.tmp")) {
    return "not finished: its backup_manifest is not complete"
  }
  if (tar === undefined)
    return hasControl ? undefined : "not finished: it has neither backup_manifest nor global/pg_control"
  if (fault !== undefined) return `not whole: ${fault}`
  return tar.tail.length > 0 ? undefined : "not known to be whole: it has no backup_manifest"
}

/** What the files of a base backup in a folder say; its manifest is written last, if it was not left out. */
export const readBaseBackup = (root: string, files: ReadonlyArray<SourceFile>): DumpContent => {
  const at = (name: string) => files.find(({ path }) => path === below(root, name))
  const packed = files.find(({ path }) => baseTar.test(baseName(path)))
  const members: ReadonlyArray<TarMember> = packed === undefined ? [] : tarMembers(packed.head)
  const textAt = (name: string): string | undefined => {
    const bytes = at(name)?.head ?? members.find((member) => member.name === name)?.content
    return bytes === undefined ? undefined : decoder.decode(bytes)
  }
  const manifestFile = at("backup_manifest")
  const manifest = manifestFile === undefined ? undefined : readManifest(manifestFile)
  const label = readLabel(textAt("backup_label") ?? "")
  const control = at("global/pg_control")
  const system = manifest?.system ?? controlSystem(control?.head ?? new Uint8Array())
  const failure = failureOf(root, files, manifestFile, packed, control !== undefined && control.size > 0)
  return {
    form: packed === undefined ? "pg_basebackup" : "pg_basebackup as tar",
    isBare: !isBaseFolder(root, new Set(files.map(({ path }) => path))),
    databases: [],
    datastore: { type: "PostgreSQL", version: shortMajor(textAt("PG_VERSION")) },
    started: startOf(label, manifest?.labelWritten),
    ended: failure === undefined && manifest?.lastWritten !== undefined ? { instant: manifest.lastWritten } : undefined,
    stamp: label?.increment?.start,
    checksum: manifest?.checksum?.toLowerCase(),
    failure,
    label: label?.label,
    system,
    increment: label?.increment
  }
}

const shortMajor = (text: string | undefined): string | undefined => /^\d+(?:\.\d+)?/.exec(text ?? "")?.[0]
