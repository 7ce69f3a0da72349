import { finishedPath } from "../folders/runningName.ts"
import { baseName, parentPath } from "../folders/sourcePath.ts"
import type { SourceFile } from "../Importer.ts"
import { plainText } from "../records/recordText.ts"

/**
 * The path that a file has once it is whole: what is being written has an ending for that, and what rsync copies a dot
 * in front and six characters behind.
 */
export const wholePath = (path: string): string => {
  const name = /^\.(.+)\.[a-z\d]{6}$/i.exec(baseName(path))?.[1]
  if (name === undefined) return finishedPath(path)
  const folder = parentPath(path)
  return folder === "" ? name : `${folder}/${name}`
}

/**
 * Of which file only a part is there, by the name that it has until it is whole; undefined where there is none such.
 */
export const unfinishedCopy = (files: ReadonlyArray<SourceFile>): string | undefined => {
  const there = new Set(files.map(({ path }) => path))
  const part = files.find(({ path }) => !there.has(wholePath(path)))
  return part && plainText(`its ${baseName(wholePath(part.path))} is there as ${baseName(part.path)} only`)
}
