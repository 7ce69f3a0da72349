import type { Command } from "@effect/cli"
import { Effect, Option } from "effect"
import { readCredentials } from "../auth/keystone/Credentials.ts"
import { type KeystoneSettings, keystoneDefaults } from "../auth/keystone/KeystoneVerifier.ts"
import { CommandError } from "../CommandError.ts"
import { durationSetting, httpUrl, inRange, numberSetting, optionalSetting, textSetting } from "../settings.ts"

/** The options of `--auth keystone`. */
export const keystoneOptions = {
  keystoneUrl: optionalSetting(
    "keystone-url",
    "CATALOG_KEYSTONE_URL",
    "Where Keystone is: https://keystone.example.com/v3"
  ),
  keystoneTimeout: textSetting(
    "keystone-timeout",
    "CATALOG_KEYSTONE_TIMEOUT",
    "How long the check of one token may take, at most 2s",
    `${keystoneDefaults.timeout}ms`
  ),
  tokenCache: textSetting(
    "token-cache",
    "CATALOG_TOKEN_CACHE",
    "How long a token that Keystone knows is remembered, at most 5m; 0s for not at all",
    "5m"
  ),
  invalidTokenCache: textSetting(
    "invalid-token-cache",
    "CATALOG_INVALID_TOKEN_CACHE",
    "How long a token that Keystone does not know is remembered, at most 5m",
    "10s"
  ),
  tokenCacheSize: numberSetting(
    "token-cache-size",
    "CATALOG_TOKEN_CACHE_SIZE",
    "How many tokens of each kind are remembered",
    keystoneDefaults.cacheSize
  )
}

/** What was given for them. */
export type KeystoneOptions = Command.Command.ParseConfig<typeof keystoneOptions>

/** The settings that the options and the `OS_*` variables mean; the secrets are taken out of the environment. */
export const readKeystone = (
  given: KeystoneOptions,
  env: NodeJS.ProcessEnv
): Effect.Effect<KeystoneSettings, CommandError> =>
  Effect.gen(function* () {
    if (Option.isNone(given.keystoneUrl) || given.keystoneUrl.value === "") {
      return yield* new CommandError({
        exitCode: 2,
        message: "--auth keystone needs --keystone-url, such as https://keystone.example.com/v3."
      })
    }
    return {
      url: yield* httpUrl("--keystone-url", given.keystoneUrl.value),
      credentials: yield* readCredentials(env),
      timeout: yield* durationSetting("--keystone-timeout", given.keystoneTimeout, "100ms", "2s"),
      cacheTtl: yield* durationSetting("--token-cache", given.tokenCache, "0s", "5m"),
      invalidCacheTtl: yield* durationSetting("--invalid-token-cache", given.invalidTokenCache, "0s", "5m"),
      cacheSize: yield* inRange("--token-cache-size", given.tokenCacheSize, 1, 10_000_000)
    }
  })
