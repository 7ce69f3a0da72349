import { readdirSync, readFileSync, statSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { gunzipSync } from "node:zlib"
import type { FolderImporter, SourceFile } from "../../src/index.ts"

type Wanting = Pick<FolderImporter, "wants">

const fixtures = join(import.meta.dirname, "..", "fixtures")

/** A file with a content, which is all of its head and tail, unless they are given. */
export const file = (path: string, content: string | Uint8Array = "", rest: Partial<SourceFile> = {}): SourceFile => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
  return { path, size: bytes.length, modified: Date.UTC(2026, 10, 23, 18), head: bytes, tail: bytes, ...rest }
}

const contentOf = (bytes: Uint8Array, gunzip: boolean): { readonly content: Uint8Array; readonly problem?: string } => {
  if (!gunzip) return { content: bytes }
  try {
    return { content: gunzipSync(bytes) }
  } catch (error) {
    return { content: new Uint8Array(), problem: error instanceof Error ? error.message : "not gzip" }
  }
}

/** The bytes of a file as an importer wants to see them. */
export const asWanted = (importer: Wanting, path: string, bytes: Uint8Array, modified: number): SourceFile => {
  const wanted = importer.wants(path, bytes.length)
  if (wanted.head === 0 && wanted.tail === 0) {
    return { path, size: bytes.length, modified, head: new Uint8Array(), tail: new Uint8Array() }
  }
  const { content, problem } = contentOf(bytes, wanted.gunzip === true)
  const digest = wanted.digest?.()
  digest?.take(content)
  return {
    path,
    size: bytes.length,
    modified,
    head: content.slice(0, wanted.head),
    tail: wanted.tail === 0 ? new Uint8Array() : content.slice(-wanted.tail),
    digest: digest?.value,
    problem
  }
}

/** The files of a folder of samples as an importer wants to see them, all written at one time. */
export const folderOf = (
  importer: Wanting,
  folder: string,
  modified = Date.UTC(2026, 10, 23, 23, 10)
): ReadonlyArray<SourceFile> => {
  const root = join(fixtures, folder)
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(root, name)).isFile())
    .map((name) =>
      asWanted(importer, relative(".", name).split(sep).join("/"), readFileSync(join(root, name)), modified)
    )
}

/** The lines of a listing of files: a size, a time, and a path, by blanks or tabs. */
export const listed = (
  text: string
): ReadonlyArray<{ readonly path: string; readonly size: number; readonly modified: number }> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [size = "", time = "", ...path] = line.split(/[ \t]/)
      return { path: path.join(" ").replace(/^\.\//, ""), size: Number(size), modified: Date.parse(time) }
    })
