import type { SourceFile } from "../Importer.ts"
import { isWholeName } from "./fileNames.ts"

// `split` ends the name of the first piece with "aa", or with "00" where told so, other programs with "001".
const first = /^(.+?)([._-]?(?:part[._-]?)?)(a{2,}|0{2,}1?)$/

/** The ending behind another one: "ba" behind "az"; undefined behind the last. */
const next = (ending: string): string | undefined => {
  const [, front = "", letter, rest = ""] = /^(.*)([a-y0-8])(z*|9*)$/.exec(ending) ?? []
  return letter === undefined
    ? undefined
    : front + String.fromCharCode(letter.charCodeAt(0) + 1) + rest.replace(/z/g, "a").replace(/9/g, "0")
}

/** The endings that may be behind another one: `split` makes them longer before they run out, "zaaa" behind "yz". */
const following = (ending: string): ReadonlyArray<string> => {
  const plain = next(ending)
  return plain === undefined ? [] : [plain, plain + (/\d$/.test(plain) ? "00" : "aa")]
}

/** The name of what a first piece is of, by the path of that. */
export const nameInOne = (path: string): string => first.exec(path)?.[1] ?? path

/**
 * The files that may be pieces of one dump by their names, as `split` makes them: `shop.sql.gz.aa`, `shop.sql.gz.ab`.
 * What is in them has to tell whether they are dumps of their own.
 */
export const piecesIn = (files: ReadonlyArray<SourceFile>): ReadonlyArray<ReadonlyArray<SourceFile>> => {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const runs = files.flatMap((file) => {
    const [, whole = "", separator = "", start] = first.exec(file.path) ?? []
    if (start === undefined || !isWholeName(whole)) return []
    const pieces: Array<SourceFile> = []
    let ending: string | undefined = start
    while (ending !== undefined) {
      const piece = byPath.get(whole + separator + ending)
      if (piece !== undefined) pieces.push(piece)
      ending = following(ending).find((one) => byPath.has(whole + separator + one))
    }
    return pieces.length > 1 ? [pieces] : []
  })
  // Of "000" and "001", both of which may be the first.
  const later = new Set(runs.flatMap(([, ...others]) => others))
  return runs.filter(([piece]) => piece !== undefined && !later.has(piece))
}
