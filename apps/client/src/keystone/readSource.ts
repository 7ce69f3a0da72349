import { Effect } from "effect"
import { InvalidOption } from "../HttpCatalogOptions.ts"
import { cloudSource } from "./Cloud.ts"
import { readCloudsFile, searchedFolders } from "./CloudsFile.ts"
import { environmentSource } from "./environment.ts"
import type { Setting } from "./Setting.ts"
import type { GivenOptions } from "./SignInOptions.ts"
import { overlaid, type Source } from "./Source.ts"
import type { Surroundings } from "./Surroundings.ts"

// These say who signs in; a variable that only chooses a region leaves open whether a file or the environment is meant.
const telling: ReadonlyArray<Setting> = [
  "authUrl",
  "username",
  "userId",
  "password",
  "token",
  "applicationCredentialId",
  "applicationCredentialName",
  "applicationCredentialSecret"
]

const choosing: ReadonlyArray<Setting> = ["region", "interface"]

const namedCloud = Effect.fnUntraced(function* (name: string, namedBy: string, over: Source, at: Surroundings) {
  const file = yield* readCloudsFile(at)
  if (file === undefined) {
    return yield* new InvalidOption({
      option: namedBy,
      message: `There is no clouds.yaml to find the cloud ${name} in; looked for one in ${searchedFolders(at)}.`
    })
  }
  return overlaid(over, yield* cloudSource(file, name, over.get("region")))
})

/** The only cloud of the file, which needs no name. */
const onlyCloud = Effect.fnUntraced(function* (over: Source, at: Surroundings) {
  const file = yield* readCloudsFile(at)
  const names = Object.keys(file?.clouds ?? {})
  const [name] = names
  if (file !== undefined && name !== undefined && names.length === 1) {
    return overlaid(over, yield* cloudSource(file, name, over.get("region")))
  }
  const choice = file === undefined || name === undefined ? "" : `; ${file.path} has ${names.join(", ")}`
  return yield* new InvalidOption({
    option: "OS_CLOUD",
    message: `Nothing says where to sign in: set OS_CLOUD to a cloud of a clouds.yaml, or OS_AUTH_URL and the others${choice}.`
  })
})

/**
 * Where the settings of a sign-in come from: the cloud that is named, or the options alone when they have an address,
 * or the cloud of `OS_CLOUD`, or the environment, or the only cloud that there is. Options count before all of them.
 */
export const readSource = (options: GivenOptions, at: Surroundings): Effect.Effect<Source, InvalidOption> =>
  Effect.suspend(() => {
    const { cloud } = options
    if (cloud !== undefined) return namedCloud(cloud, "cloud", options, at)
    if (options.get("authUrl") !== undefined) return Effect.succeed(options)
    const chosen = overlaid(options, environmentSource(at.env, choosing))
    if (at.env.OS_CLOUD) return namedCloud(at.env.OS_CLOUD, "OS_CLOUD", chosen, at)
    const environment = environmentSource(at.env)
    const tells = telling.some((setting) => environment.get(setting) !== undefined)
    return tells ? Effect.succeed(overlaid(options, environment)) : onlyCloud(chosen, at)
  })
