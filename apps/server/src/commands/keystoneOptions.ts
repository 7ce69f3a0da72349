import type { Flags } from "@backup-catalog/command-line"
import { Effect } from "effect"
import { type AuthTypeUnknown, type CredentialsMissing, readCredentials } from "../auth/keystone/Credentials.ts"
import { type KeystoneSettings, keystoneDefaults } from "../auth/keystone/KeystoneVerifier.ts"
import type { CommandError } from "./CommandError.ts"
import type { Given } from "./ServerCommand.ts"
import { durationSetting, inRange, oneOf, urlSetting, wrong } from "./settings.ts"

const section = "Keystone"

/** The options of `--auth`, and those of `--auth keystone`. */
export const keystoneOptions = {
  auth: {
    section,
    value: "tokens|keystone",
    choices: ["tokens", "keystone"],
    variable: "CATALOG_AUTH",
    default: "tokens",
    help: "Who knows the tokens: this store, by token create, or Keystone."
  },
  "keystone-url": {
    section,
    value: "URL",
    mayBeEmpty: true,
    variable: "CATALOG_KEYSTONE_URL",
    help: "Where Keystone is: https://keystone.example.com/v3."
  },
  "keystone-timeout": {
    section,
    value: "DURATION",
    variable: "CATALOG_KEYSTONE_TIMEOUT",
    default: `${keystoneDefaults.timeout}ms`,
    help: "Time for the check of one token, at most 2s."
  },
  "token-cache": {
    section,
    value: "DURATION",
    variable: "CATALOG_TOKEN_CACHE",
    default: "5m",
    help: "How long a token that Keystone knows is remembered, at most 5m; 0s for not at all."
  },
  "invalid-token-cache": {
    section,
    value: "DURATION",
    variable: "CATALOG_INVALID_TOKEN_CACHE",
    default: "10s",
    help: "How long a token that Keystone does not know is remembered, at most 5m."
  },
  "token-cache-size": {
    section,
    value: "N",
    variable: "CATALOG_TOKEN_CACHE_SIZE",
    default: String(keystoneDefaults.cacheSize),
    help: "How many tokens of each kind are remembered."
  }
} satisfies Flags

type GivenKeystone = Given<typeof keystoneOptions>

const readLimits = (given: GivenKeystone) =>
  Effect.all({
    timeout: durationSetting(given["keystone-timeout"], "100ms", "2s"),
    cacheTtl: durationSetting(given["token-cache"], "0s", "5m"),
    invalidCacheTtl: durationSetting(given["invalid-token-cache"], "0s", "5m"),
    cacheSize: inRange(given["token-cache-size"], 1, 10_000_000)
  })

/**
 * Who knows the tokens: this store, or the Keystone that the options and the `OS_*` variables mean; the secrets are
 * then taken out of the environment.
 */
export const readAuth = (
  given: GivenKeystone,
  env: NodeJS.ProcessEnv
): Effect.Effect<"tokens" | KeystoneSettings, CommandError | AuthTypeUnknown | CredentialsMissing> =>
  Effect.gen(function* () {
    const limits = yield* readLimits(given)
    const kind = yield* oneOf(given.auth, ["tokens", "keystone"])
    const url = given["keystone-url"]?.value === "" ? undefined : given["keystone-url"]
    if (kind === "tokens") {
      return url === undefined
        ? kind
        : yield* wrong(
            `${url.name} is for --auth keystone, and without that the tokens of this store count; give --auth keystone, or leave the URL out.`
          )
    }
    return url === undefined
      ? yield* wrong("--auth keystone needs --keystone-url, such as https://keystone.example.com/v3.")
      : { url: yield* urlSetting(url), credentials: yield* readCredentials(env), ...limits }
  })
