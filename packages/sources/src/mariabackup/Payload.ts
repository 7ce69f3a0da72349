import { finishedPath, isRunning } from "../dumps/fileNames.ts"
import type { SourceFile } from "../Importer.ts"
import { plainText } from "../recordText.ts"
import { baseName } from "../sourcePath.ts"

/** A stream, or a folder that was packed, with all pieces that it was split into. */
export interface Payload {
  /** The path of its first file. */
  readonly path: string
  readonly files: ReadonlyArray<SourceFile>
}

/** The endings of what compresses or encrypts a single file, as a part of an expression. */
export const packings = "zst|zstd|xz|bz2|lz4|lzo|qp|br|gpg|age|asc|enc|aes|xbcrypt"

const packing = new RegExp(String.raw`(?:\.(?:gz|${packings}))+$`, "i")
// Of split: by letters as it is, by numbers with -d. A number alone may as well be that of a day, or of an older file.
const lettered = /\.(?:[ab][a-z]|aa[a-z])$/
const numbered = /\.\d{2,3}$/
const firstNumbers = [".00", ".000", ".001"]

/** Whether the name of a file says that it is still being written, or copied as rsync does. */
export const isUnfinished = (path: string): boolean => isRunning(path) || baseName(path).startsWith(".")

/** What all pieces of a payload are called by. */
const wholeName = (path: string, paths: ReadonlySet<string>): string => {
  const finished = finishedPath(path)
  const unnumbered = finished.replace(numbered, "")
  const isPiece = firstNumbers.some((number) => paths.has(`${unnumbered}${number}`))
  const bare = isPiece ? unnumbered : finished
  return packing.test(bare) ? bare.replace(packing, "") : bare.replace(lettered, "").replace(packing, "")
}

/** The payloads that files are, from the one that was written last nearest to a time, of two the one with the last name. */
export const payloadsAmong = (files: ReadonlyArray<SourceFile>, written: number): ReadonlyArray<Payload> => {
  const paths = new Set(files.map(({ path }) => path))
  const byName = new Map<string, Array<SourceFile>>()
  for (const file of files) {
    const name = wholeName(file.path, paths)
    const pieces = byName.get(name)
    if (pieces === undefined) byName.set(name, [file])
    else pieces.push(file)
  }
  const distance = (pieces: ReadonlyArray<SourceFile>): number =>
    Math.abs(Math.max(...pieces.map(({ modified }) => modified)) - written)
  return [...byName]
    .sort(([name, pieces], [other, others]) => distance(pieces) - distance(others) || (name < other ? 1 : -1))
    .map(([name, pieces]) => ({ path: pieces[0]?.path ?? name, files: pieces }))
}

/** What a person calls a payload. */
export const payloadName = ({ path }: Payload): string => plainText(baseName(path))

/** Whether nothing of it is finished, by its names. */
export const isBeingWritten = ({ files }: Payload): boolean => files.every(({ path }) => isUnfinished(path))

/** Why a payload is no backup; undefined where that cannot be seen. */
export const payloadFailure = (payload: Payload): string | undefined => {
  if (isBeingWritten(payload)) return `not finished: ${payloadName(payload)} has not got its final name`
  const isEmpty = payload.files.every(({ path, size }) => size === 0 || isUnfinished(path))
  return isEmpty ? `not whole: ${payloadName(payload)} is empty` : undefined
}
