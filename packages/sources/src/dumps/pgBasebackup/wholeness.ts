import { notFinished } from "../../folders/notFinished.ts"
import { baseName, below } from "../../folders/sourcePath.ts"
import { unfinishedCopy } from "../../folders/unfinishedCopy.ts"
import type { SourceFile } from "../../Importer.ts"
import { plainText } from "../../records/recordText.ts"
import { BLOCK, inBlocks, isBrokenTar, TAR_LEAST } from "../tar.ts"
import type { Manifest } from "./manifest.ts"
import { anyTar, dataFile, nameIn, type Shape } from "./parts.ts"
import { sizeInTablespace, type TablespaceFiles, tablespaceOf } from "./tablespaces.ts"

/** A base backup, as far as it is judged by. */
export interface BaseBackup {
  readonly root: string
  readonly files: ReadonlyArray<SourceFile>
  readonly shape: Shape
  /** Its tar file of the data. */
  readonly base: SourceFile | undefined
  readonly manifest: Manifest | undefined
  readonly tablespaces: ReadonlyArray<string>
  /** What of tablespaces is anywhere in the folder of dumps, where a plain one may have its own. */
  readonly found: TablespaceFiles
}

/** What shows that a base backup is there in part only: data that its manifest lists is not, or is shorter. */
const lackOf = ({ root, files, found }: BaseBackup, manifest: Manifest): string | undefined => {
  const sizes = new Map(files.map(({ path, size }) => [path, size]))
  const sizeOf = (path: string): number => sizes.get(below(root, path)) ?? sizeInTablespace(path, found) ?? -1
  const [first, ...others] = manifest.files.filter(({ path, size }) => dataFile.test(path) && sizeOf(path) < size)
  if (first === undefined) return undefined
  const tablespace = tablespaceOf(first.path)
  const besides = manifest.files.filter(({ path }) => tablespaceOf(path) === tablespace)
  if (tablespace !== undefined && besides.every(({ path }) => sizeOf(path) === -1)) {
    return `not whole: its tablespace ${tablespace} is not in this folder`
  }
  const what = others.length === 0 ? `file ${first.path} is` : `files ${first.path} and ${others.length} more are`
  return `not whole: its ${what} missing or cut off`
}

/** Where the data of a tar file is by the manifest, which does not list WAL; undefined of a packed one. */
const listedBelow = (name: string): ((path: string) => boolean) | undefined => {
  if (name === "base.tar") return (path) => !path.startsWith("pg_tblspc/")
  const tablespace = /^(\d+)\.tar$/.exec(name)?.[1]
  return tablespace === undefined ? undefined : (path) => path.startsWith(`pg_tblspc/${tablespace}/`)
}

/** The bytes that a tar file has at least: those of the files in it that the manifest lists. */
const leastOf = (name: string, { files }: Manifest): number => {
  const isIn = listedBelow(name)
  if (isIn === undefined) return 0
  return files.reduce((sum, { path, size }) => (isIn(path) ? sum + BLOCK + inBlocks(size) : sum), TAR_LEAST)
}

/** Why a tar file is not whole, as far as it was looked at: it ends in two blocks of zeros. */
const tarFault = (file: SourceFile, manifest: Manifest | undefined): string | undefined => {
  const { path, size, tail, problem } = file
  const name = baseName(path)
  if (problem !== undefined) return `its ${name} could not be read to its end: ${plainText(problem)}`
  const isWhole = tail.every((byte) => byte === 0) && (!name.endsWith(".tar") || size % BLOCK === 0)
  const least = manifest === undefined ? 0 : leastOf(name, manifest)
  return size > 0 && size >= least && (tail.length === 0 || (isWhole && !isBrokenTar(file)))
    ? undefined
    : `its ${name} is cut off`
}

/** Of which tablespace there is no tar file: each has one beside the base. */
const missingTablespace = (
  tablespaces: ReadonlyArray<string>,
  files: ReadonlyArray<SourceFile>
): string | undefined => {
  const there = new Set(files.map(({ path }) => /^(\d+)\.tar\b/.exec(baseName(path))?.[1]))
  return tablespaces.find((number) => !there.has(number))
}

const plainFailure = (backup: BaseBackup): string | undefined => {
  const { root, files, manifest } = backup
  if (manifest !== undefined) return lackOf(backup, manifest)
  const control = files.find(({ path }) => path === below(root, "global/pg_control"))
  return control !== undefined && control.size > 0
    ? undefined
    : notFinished("it has neither backup_manifest nor global/pg_control")
}

const tarFailure = ({ files, manifest, base, tablespaces }: BaseBackup): string | undefined => {
  if (base === undefined) return "not whole: its base.tar is missing"
  const missing = missingTablespace(tablespaces, files)
  if (missing !== undefined) return `not whole: the tar file of its tablespace ${missing} is missing`
  const besides = files.filter((file) => file !== base && anyTar.test(baseName(file.path)))
  const fault = [base, ...besides].map((file) => tarFault(file, manifest)).find((found) => found !== undefined)
  // Before its manifest is there, it may still be being made.
  if (fault !== undefined) return manifest === undefined ? notFinished(fault) : `not whole: ${fault}`
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

/** Why a base backup is not finished or not whole; undefined where nothing shows it. */
export const failureOf = (backup: BaseBackup): string | undefined => {
  const { root, files, shape, manifest } = backup
  if (manifest !== undefined && manifest.checksum === undefined) return "not whole: its backup_manifest is cut off"
  if (manifest === undefined && files.some(({ path }) => baseName(path) === "backup_manifest.tmp")) {
    return notFinished("its backup_manifest is not complete")
  }
  const unfinished = unfinishedIn(root, files)
  if (unfinished !== undefined) return notFinished(unfinished)
  switch (shape) {
    case "plain":
      return plainFailure(backup)
    case "tar":
      return tarFailure(backup)
    case "bare":
      return undefined
  }
}
