import { grouped } from "@backup-catalog/core"
import { notFinished } from "../folders/notFinished.ts"
import { otherPackings } from "../folders/packedName.ts"
import { finishedPath, isRunning } from "../folders/runningName.ts"
import { baseName } from "../folders/sourcePath.ts"
import type { SourceFile } from "../Importer.ts"
import { plainText } from "../records/recordText.ts"

/** A stream, or a folder that was packed, with all pieces that it was split into. */
export interface Payload {
  /** The path of its first file. */
  readonly path: string
  readonly files: ReadonlyArray<SourceFile>
}

/** The endings of what compresses or encrypts a single file, as a part of an expression. */
export const packings = `${otherPackings}|qp|xbcrypt`

const packing = new RegExp(String.raw`(?:\.(?:gz|${packings}))+$`, "i")

/** A path without what is added as a file is compressed or encrypted. */
export const unpacked = (path: string): string => path.replace(packing, "")
// Of split, with which the first piece is told: .aa, .000, .part1. A number alone may as well be that of a day, or of
// an older file.
const piece = /\.(?:[a-z]{2,4}|\d{2,4}|part\d+)$/

/** Whether the name of a file says that it is still being written, or copied as rsync does. */
const isUnfinished = (path: string): boolean => isRunning(path) || baseName(path).startsWith(".")

/** What the first of the pieces is called by that one with an ending is among. */
const firstsOf = (ending: string): ReadonlyArray<string> => {
  if (!/\d/.test(ending)) return [`.${"a".repeat(ending.length - 1)}`]
  const padded = ending.replace(/\d/g, "0")
  // Small numbers alone are those of older files as well.
  const firsts = [padded, ...(padded.length > 3 ? [padded.replace(/0$/, "1")] : [])]
  return ending.startsWith(".part") ? [...firsts, ".part0", ".part1"] : firsts
}

/** What all pieces of a payload are called by. */
const wholeName = (path: string, paths: ReadonlySet<string>): string => {
  const finished = finishedPath(path)
  const [ending = ""] = piece.exec(finished) ?? []
  const unpieced = finished.slice(0, finished.length - ending.length)
  const isPiece = ending !== "" && firstsOf(ending).some((first) => paths.has(`${unpieced}${first}`))
  return unpacked(isPiece ? unpieced : finished)
}

/**
 * The payloads that files are, from the one that was written last nearest to a time, of two the one with the last name.
 */
export const payloadsAmong = (files: ReadonlyArray<SourceFile>, written: number): ReadonlyArray<Payload> => {
  const paths = new Set(files.map(({ path }) => path))
  const byName = grouped(files, ({ path }) => wholeName(path, paths))
  const distance = (pieces: ReadonlyArray<SourceFile>): number =>
    Math.abs(pieces.reduce((last, { modified }) => Math.max(last, modified), -Infinity) - written)
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
  if (isBeingWritten(payload)) return notFinished(`${payloadName(payload)} has not got its final name`)
  const isEmpty = payload.files.every(({ path, size }) => size === 0 || isUnfinished(path))
  return isEmpty ? `not whole: ${payloadName(payload)} is empty` : undefined
}
