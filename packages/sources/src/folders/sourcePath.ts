/**
 * What programs that keep old files put behind a name, as a part of an expression: a day, a number, `bak`; or nothing.
 * The endings `.7z` and `.Z` are of none of them.
 */
export const keptEnding = String.raw`(?:[._-](?:[\dTZ:._-]+(?<!\.7?z|\.Z)|bak|old|orig))?`

/** The last part of a path below the folder; empty for the folder itself. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

/** The path of the folder that a path lies in; empty for the folder itself. */
export const parentPath = (path: string): string => path.slice(0, Math.max(path.lastIndexOf("/"), 0))

/** The path that something below a folder has. */
export const below = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`)

/** What a path that lies in a folder is called below it. */
export const nameBelow = (folder: string, path: string): string =>
  folder === "" ? path : path.slice(folder.length + 1)

/** A path as people see it: the folder itself is `.`. */
export const namedPath = (path: string): string => (path === "" ? "." : path)

/** The folders that a path lies in, from the nearest to the folder itself. */
export const ancestorsOf = (path: string): ReadonlyArray<string> => {
  const ancestors: Array<string> = []
  for (let folder = path; folder !== ""; ) {
    folder = parentPath(folder)
    ancestors.push(folder)
  }
  return ancestors
}

/** Where a backup is: its path below the folder behind where the folder is; undefined where nobody said that. */
export const locationOf = (location: string | undefined, path: string): string | undefined =>
  location === undefined || path === "" ? location : `${location}/${path}`
