import type { SourceFile } from "../../Importer.ts"
import type { TarMember } from "../tar.ts"
import type { Manifest } from "./manifest.ts"

const decoder = new TextDecoder()

/** The tablespace that a file of a base backup is in, by its path in a manifest; undefined of one in none. */
export const tablespaceOf = (path: string): string | undefined => /^pg_tblspc\/(\d+)\//.exec(path)?.[1]

/** The tablespaces of a base backup: by the map in a tar file, and by the manifest, which lists their files. */
export const tablespacesOf = (
  members: ReadonlyArray<TarMember>,
  manifest: Manifest | undefined
): ReadonlyArray<string> => {
  const map = members.find(({ name }) => name === "tablespace_map")
  const mapped = decoder.decode(map?.content).match(/^\d+(?= )/gm) ?? []
  const filed = (manifest?.files ?? []).flatMap(({ path }) => tablespaceOf(path) ?? [])
  return [...new Set([...mapped, ...filed])]
}

/** The part of a path that is the same wherever a tablespace is: the version of its server, a database, a file. */
const inTablespace = /(?:^|\/)(PG_[^/]+_\d+\/\d+\/[^/]+)$/

/** The sizes of files of tablespaces, by where they are in one. */
export type TablespaceFiles = ReadonlyMap<string, number>

/**
 * The files of tablespaces anywhere in a folder, of several with one path the largest: in a plain base backup there is
 * a link to each tablespace only, which may lead to another place in the folder, or to where it was before it was moved.
 */
export const tablespaceFiles = (files: ReadonlyArray<SourceFile>): TablespaceFiles => {
  const sizes = new Map<string, number>()
  for (const { path, size } of files) {
    const place = inTablespace.exec(path)?.[1]
    if (place !== undefined) sizes.set(place, Math.max(size, sizes.get(place) ?? 0))
  }
  return sizes
}

/** The size of a file of a manifest that is in a tablespace; undefined where it is nowhere. */
export const sizeInTablespace = (path: string, sizes: TablespaceFiles): number | undefined =>
  tablespaceOf(path) === undefined ? undefined : sizes.get(inTablespace.exec(path)?.[1] ?? "")
