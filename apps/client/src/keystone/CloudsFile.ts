import { dirname, isAbsolute, join } from "node:path"
import { Effect } from "effect"
import type { InvalidOption } from "../HttpCatalogOptions.ts"
import { invalidFile, isMapping, type Mapping, readYaml } from "./readYaml.ts"
import type { Surroundings } from "./Surroundings.ts"

/** The clouds of a `clouds.yaml`, with what its `secure.yaml` adds to each. */
export interface CloudsFile {
  readonly path: string
  readonly clouds: Readonly<Record<string, Mapping>>
  /** The mapping of a profile of `clouds-public.yaml`; undefined when there is none of that name. */
  readonly profile: (name: string) => Effect.Effect<Mapping | undefined, InvalidOption>
}

const extensions = [".yaml", ".yml", ".json"]

const named = (folder: string, name: string): ReadonlyArray<string> =>
  extensions.map((extension) => join(folder, name + extension))

const foldersOf = ({ env, cwd, home, site }: Surroundings): ReadonlyArray<string> => {
  const { XDG_CONFIG_HOME: config } = env
  // The XDG specification says that a relative path is to be ignored.
  const folders = [config ?? "", join(home, ".config")].filter((folder) => isAbsolute(folder))
  return [cwd, ...folders.map((folder) => join(folder, "openstack")), site]
}

/** The first of some files that is there. */
const readFirst = Effect.fnUntraced(function* (paths: ReadonlyArray<string>) {
  for (const path of paths) {
    const content = yield* readYaml(path)
    if (content !== undefined) return { path, content }
  }
  return undefined
})

/** A file that a variable of the environment names, and which therefore has to be there. */
const readNamed = Effect.fnUntraced(function* (path: string, variable: string) {
  const content = yield* readYaml(path)
  if (content === undefined) return yield* invalidFile(path, `does not exist, but ${variable} names it`)
  return { path, content }
})

/** Two mappings as one: what `over` has counts, except where both have a mapping, which are merged in turn. */
export const merged = (under: Mapping, over: Mapping): Mapping => {
  const both = Object.entries(over).map(([key, value]) => {
    const below = Object.hasOwn(under, key) ? under[key] : undefined
    return [key, isMapping(below) && isMapping(value) ? merged(below, value) : value] as const
  })
  return { ...under, ...Object.fromEntries(both) }
}

/** The mapping of a file that is called `key`, whose values have to be mappings in turn. */
const section = Effect.fnUntraced(function* ({ path, content }: { path: string; content: Mapping }, key: string) {
  const found = Object.hasOwn(content, key) ? content[key] : undefined
  if (found === undefined || found === null) return {}
  if (!isMapping(found)) return yield* invalidFile(path, `must have a mapping of names as its ${key}`)
  const entries: Array<readonly [string, Mapping]> = []
  for (const [name, value] of Object.entries(found)) {
    if (!isMapping(value)) return yield* invalidFile(path, `must have a mapping as ${key}.${name}`)
    entries.push([name, value])
  }
  return Object.fromEntries(entries)
})

const readProfile = Effect.fnUntraced(function* (paths: ReadonlyArray<string>, name: string) {
  const file = yield* readFirst(paths)
  if (file === undefined) return undefined
  const profiles = yield* section(file, "public-clouds")
  return Object.hasOwn(profiles, name) ? profiles[name] : undefined
})

/**
 * The `clouds.yaml` that counts: the one that `OS_CLIENT_CONFIG_FILE` names, else the first of those in the current
 * folder, `openstack` in `XDG_CONFIG_HOME` and `~/.config`, and `/etc/openstack`. `.yml` and `.json` are read too.
 *
 * Secrets are taken from the `secure.yaml` beside it, or from the one that `OS_CLIENT_SECURE_FILE` names.
 */
export const readCloudsFile = Effect.fnUntraced(function* (surroundings: Surroundings) {
  const { env, site } = surroundings
  const searched = foldersOf(surroundings).flatMap((folder) => named(folder, "clouds"))
  const file = env.OS_CLIENT_CONFIG_FILE
    ? yield* readNamed(env.OS_CLIENT_CONFIG_FILE, "OS_CLIENT_CONFIG_FILE")
    : yield* readFirst(searched)
  if (file === undefined) return undefined
  // Only beside it: a foreign clouds.yaml that lies in the current folder must not get at the secrets of another.
  const folder = dirname(file.path)
  const secure = env.OS_CLIENT_SECURE_FILE
    ? yield* readNamed(env.OS_CLIENT_SECURE_FILE, "OS_CLIENT_SECURE_FILE")
    : yield* readFirst(named(folder, "secure"))
  const clouds = yield* section(file, "clouds")
  const secrets = secure === undefined ? {} : yield* section(secure, "clouds")
  const publicFiles = [folder, site].flatMap((place) => named(place, "clouds-public"))
  return {
    path: file.path,
    clouds: Object.fromEntries(
      Object.entries(clouds).map(([name, cloud]) => [
        name,
        merged(cloud, Object.hasOwn(secrets, name) ? (secrets[name] ?? {}) : {})
      ])
    ),
    profile: (name: string) => readProfile(publicFiles, name)
  } satisfies CloudsFile
})

/** Where a `clouds.yaml` is looked for, for people. */
export const searchedFolders = (surroundings: Surroundings): string => foldersOf(surroundings).join(", ")
