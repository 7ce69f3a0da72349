import type { SourceFile } from "../Importer.ts"
import { plainText } from "../records/recordText.ts"
import { finishedPath } from "./runningName.ts"
import { baseName, below, parentPath } from "./sourcePath.ts"

// What rsync puts all files into until they are there with --delay-updates, and parts of them with --partial-dir.
const folderOfParts = /(^|\/)\.(?:~tmp~|rsync-partial)\/(?=[^/]+$)/

/**
 * The path that a file has once it is whole: what is being written has an ending for that, and what rsync copies a dot
 * in front and six characters behind, or lies in a folder for it.
 */
export const wholePath = (path: string): string => {
  const outside = path.replace(folderOfParts, "$1")
  const name = /^\.(.+)\.[a-z\d]{6}$/i.exec(baseName(outside))?.[1]
  if (name === undefined) return finishedPath(outside)
  return below(parentPath(outside), name)
}

/**
 * Of which file only a part is there, by the name that it has until it is whole; undefined where there is none such.
 */
export const unfinishedCopy = (files: ReadonlyArray<SourceFile>): string | undefined => {
  const there = new Set(files.map(({ path }) => path))
  const part = files.find(({ path }) => !there.has(wholePath(path)))
  if (part === undefined) return undefined
  const whole = wholePath(part.path)
  const beside = part.path.slice(whole.length - baseName(whole).length)
  return plainText(`its ${baseName(whole)} is there as ${beside} only`)
}
