import { baseName, below } from "../../folders/sourcePath.ts"
import type { SourceFile } from "../../Importer.ts"
import type { DumpContent } from "../Dump.ts"
import { endsAsTar, type TarMember, tarMembers, withoutZeros } from "../tar.ts"
import { readLabel, startOf } from "./label.ts"
import { endOf, readManifest } from "./manifest.ts"
import { baseTar, hasWal, shapeOf } from "./parts.ts"
import { type TablespaceFiles, tablespacesOf } from "./tablespaces.ts"
import { failureOf } from "./wholeness.ts"

const decoder = new TextDecoder()

const TAR_FORM = "pg_basebackup as tar"

// A link to another place in the folder is not followed, so its WAL may be there: --waldir.
const NO_WAL = "WAL from an archive or another folder, since none was found in it"

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

const versionIn = (text: string | undefined): DumpContent["datastore"] => ({
  type: "PostgreSQL",
  version: /^\d+(?:\.\d+)?/.exec(text ?? "")?.[0]
})

const labelIn = (members: ReadonlyArray<TarMember>): TarMember | undefined =>
  members.find(({ name }) => name === "backup_label")

/**
 * What the files of a base backup in a folder say; its manifest is written last, if it was not left out. `found` is
 * what of tablespaces is anywhere.
 */
export const readBaseBackup = (root: string, files: ReadonlyArray<SourceFile>, found: TablespaceFiles): DumpContent => {
  const at = (name: string) => files.find(({ path }) => path === below(root, name))
  const shape = shapeOf(root, files)
  const base = files.find(({ path }) => baseTar.test(baseName(path)))
  const members: ReadonlyArray<TarMember> = base === undefined ? [] : tarMembers(base.head)
  const textAt = (name: string): string | undefined => {
    const bytes = at(name)?.head ?? members.find((member) => member.name === name)?.content
    return bytes === undefined ? undefined : decoder.decode(bytes)
  }
  const listing = at("backup_manifest")
  const manifest = listing && readManifest(decoder.decode(listing.head), decoder.decode(listing.tail))
  const label = readLabel(textAt("backup_label") ?? "")
  const system = manifest?.system ?? controlSystem(at("global/pg_control")?.head ?? new Uint8Array())
  const tablespaces = tablespacesOf(members, manifest)
  const failure = failureOf({ root, files, shape, base, manifest, tablespaces, found })
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
    // As tar, base.tar may have the WAL in it.
    needs: shape === "plain" && !hasWal(root, files) ? NO_WAL : undefined,
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
  const manifest = readManifest("", withoutZeros(file.tail))
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
