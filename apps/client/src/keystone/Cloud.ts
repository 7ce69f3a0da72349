import { Effect } from "effect"
import { InvalidOption } from "../HttpCatalogOptions.ts"
import { type CloudsFile, merged } from "./CloudsFile.ts"
import { isMapping, type Mapping } from "./readYaml.ts"
import { isUnderAuth, keysOf, type Setting, settings } from "./Setting.ts"
import { invalidSetting, type SettingName, type Source } from "./Source.ts"

/** The same mapping with `_` in its keys: the OpenStack tools take `auth-url` for `auth_url`. */
const underscored = (mapping: Mapping): Mapping =>
  Object.fromEntries(
    Object.entries(mapping).map(([key, value]) => [
      key.replaceAll("-", "_"),
      isMapping(value) ? underscored(value) : value
    ])
  )

/** What of a cloud in a file is asked for, and how a sentence names its keys. */
interface Place {
  readonly cloud: string
  readonly path: string
}

const nameIn = ({ cloud, path }: Place, key: string): SettingName => ({
  name: `clouds.${cloud}.${key}`,
  words: `the key ${key} of the cloud ${cloud} in ${path}`
})

const withProfile = Effect.fnUntraced(function* (file: CloudsFile, place: Place, cloud: Mapping) {
  const { profile } = cloud
  if (profile === undefined || profile === null) return cloud
  const found = typeof profile === "string" ? yield* file.profile(profile) : undefined
  if (found !== undefined) return merged(underscored(found), cloud)
  return yield* invalidSetting(
    nameIn(place, "profile"),
    "names no profile of a clouds-public.yaml beside it or in /etc/openstack; write the auth_url into the cloud instead"
  )
})

const nameOfRegion = (region: unknown): unknown => (isMapping(region) ? region.name : region)

/** A cloud with the values of one of its `regions`: the wanted one, else the first. */
const withRegion = Effect.fnUntraced(function* (place: Place, cloud: Mapping, wanted: string | undefined) {
  const { regions, ...others } = cloud
  if (regions === undefined || regions === null) return cloud
  if (!Array.isArray(regions) || !regions.every((region) => typeof nameOfRegion(region) === "string")) {
    return yield* invalidSetting(nameIn(place, "regions"), "must be a list of names")
  }
  const region: unknown = wanted === undefined ? regions[0] : regions.find((one) => nameOfRegion(one) === wanted)
  if (region === undefined) {
    const known = regions.map(nameOfRegion).join(", ")
    return yield* invalidSetting(nameIn(place, "regions"), `has no region ${wanted}; it has ${known}`)
  }
  const values = isMapping(region) && isMapping(region.values) ? region.values : {}
  return { ...merged(others, values), region_name: nameOfRegion(region) }
})

interface Found {
  readonly key: string
  readonly value: string
}

/** The value of a setting in a cloud, also where it stands beside `auth` although it belongs there. */
const find = Effect.fnUntraced(function* (place: Place, cloud: Mapping, setting: Setting) {
  const auth = isMapping(cloud.auth) ? cloud.auth : {}
  const places = isUnderAuth(setting)
    ? [
        { prefix: "auth.", mapping: auth },
        { prefix: "", mapping: cloud }
      ]
    : [{ prefix: "", mapping: cloud }]
  for (const { prefix, mapping } of places) {
    for (const key of keysOf(setting)) {
      const value = Object.hasOwn(mapping, key) ? mapping[key] : undefined
      if (value === undefined || value === null || value === "") continue
      if (typeof value === "string") return { key: prefix + key, value } satisfies Found
      return yield* invalidSetting(nameIn(place, prefix + key), "must be a single text")
    }
  }
  return undefined
})

/** The cloud of a name in a file as a source of settings; `region` chooses among its `regions`. */
export const cloudSource = Effect.fnUntraced(function* (file: CloudsFile, name: string, region: string | undefined) {
  const given = Object.hasOwn(file.clouds, name) ? file.clouds[name] : undefined
  if (given === undefined) {
    const known = Object.keys(file.clouds).join(", ")
    return yield* new InvalidOption({
      option: "cloud",
      message: `There is no cloud ${name} in ${file.path}, which has ${known === "" ? "none at all" : known}.`
    })
  }
  const place = { cloud: name, path: file.path }
  const whole = yield* withProfile(file, place, underscored(given))
  const cloud = yield* withRegion(place, whole, region)
  const values = new Map<Setting, Found>()
  for (const setting of settings) {
    const found = yield* find(place, cloud, setting)
    if (found !== undefined) values.set(setting, found)
  }
  const regionName = region ?? values.get("region")?.value
  return {
    title: `the cloud ${name} of ${file.path}`,
    get: (setting) => {
      const value = values.get(setting)?.value
      // The profiles of providers with an address for each region have it as a place to fill in.
      return setting === "authUrl" && regionName !== undefined ? value?.replaceAll("{region_name}", regionName) : value
    },
    nameOf: (setting) =>
      nameIn(place, values.get(setting)?.key ?? (isUnderAuth(setting) ? "auth." : "") + keysOf(setting)[0])
  } satisfies Source
})
