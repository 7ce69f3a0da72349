import { Effect, Either } from "effect"
import { type InvalidOption, type Patience, parsePatience } from "../HttpCatalogOptions.ts"
import { type Credentials, readCredentials } from "./Credentials.ts"
import { parseAuthUrl } from "./parseAuthUrl.ts"
import { readSource } from "./readSource.ts"
import { optionsSource, readSignInOptions, type SignInOptions } from "./SignInOptions.ts"
import { invalidSetting, type Source } from "./Source.ts"
import type { Surroundings } from "./Surroundings.ts"

/** Which of the services that Keystone knows is the catalog. */
export interface Wanted {
  readonly serviceType: string
  readonly interface: "public" | "internal" | "admin"
  readonly region: string | undefined
  readonly endpointOverride: string | undefined
}

/** All that a sign-in needs, checked. */
export interface Settings extends Patience {
  /** The address of Keystone with its `/v3`. */
  readonly authUrl: string
  readonly credentials: Credentials
  readonly wanted: Wanted
  /** Where all this came from, for errors. */
  readonly source: Source
}

const interfaces = { public: "public", internal: "internal", admin: "admin" } as const

const readInterface = (source: Source): Effect.Effect<Wanted["interface"], InvalidOption> => {
  const given = (source.get("interface") ?? "public").replace(/URL$/, "")
  return Object.hasOwn(interfaces, given)
    ? Effect.succeed(interfaces[given as keyof typeof interfaces])
    : invalidSetting(source.nameOf("interface"), "must be public, internal or admin")
}

const readAuthUrl = (source: Source): Effect.Effect<string, InvalidOption> => {
  const name = source.nameOf("authUrl")
  const given = source.get("authUrl")
  if (given === undefined) {
    return invalidSetting(name, `is missing: the address of Keystone, such as https://keystone.example.com:5000/v3`)
  }
  return Either.match(parseAuthUrl(given), {
    onLeft: (predicate) => invalidSetting(name, predicate),
    onRight: (authUrl) => Effect.succeed(authUrl)
  })
}

const refuseOldVersion = (source: Source): Effect.Effect<void, InvalidOption> =>
  /^v?3(?:\.|$)/.test(source.get("identityApiVersion") ?? "3")
    ? Effect.void
    : invalidSetting(source.nameOf("identityApiVersion"), "must be 3: there is no other version of Keystone left")

// What fetch trusts is fixed when Node starts.
const refuseLateCertificates = (source: Source, { env }: Surroundings): Effect.Effect<void, InvalidOption> =>
  source.get("cacert") === undefined || env.NODE_EXTRA_CA_CERTS
    ? Effect.void
    : invalidSetting(
        source.nameOf("cacert"),
        "comes too late for Node, which reads certificates at its start: set NODE_EXTRA_CA_CERTS to the same file before"
      )

/** The settings that options and surroundings mean, or the first one that cannot be used. */
export const readSettings = Effect.fnUntraced(function* (options: SignInOptions, at: Surroundings) {
  const given = yield* readSignInOptions(options)
  const patience = yield* parsePatience(given, 2)
  const front = yield* optionsSource(given)
  const source = yield* readSource(front, at)
  yield* refuseOldVersion(source)
  yield* refuseLateCertificates(source, at)
  return {
    ...patience,
    authUrl: yield* readAuthUrl(source),
    credentials: yield* readCredentials(source, front),
    wanted: {
      serviceType: source.get("serviceType") ?? "database",
      interface: yield* readInterface(source),
      region: source.get("region"),
      endpointOverride: source.get("endpointOverride")
    },
    source
  } satisfies Settings
})
