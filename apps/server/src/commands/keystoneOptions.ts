import type { Command } from "@effect/cli"
import { Effect, Option } from "effect"
import { readCredentials } from "../auth/keystone/Credentials.ts"
import { type KeystoneSettings, keystoneDefaults } from "../auth/keystone/KeystoneVerifier.ts"
import { CommandError } from "../CommandError.ts"
import {
  durationSetting,
  httpUrl,
  inRange,
  numberSetting,
  oneOf,
  optionalSetting,
  settingName,
  textSetting
} from "../settings.ts"

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

const readLimits = (given: KeystoneOptions) =>
  Effect.all({
    timeout: durationSetting("--keystone-timeout", given.keystoneTimeout, "100ms", "2s"),
    cacheTtl: durationSetting("--token-cache", given.tokenCache, "0s", "5m"),
    invalidCacheTtl: durationSetting("--invalid-token-cache", given.invalidTokenCache, "0s", "5m"),
    cacheSize: inRange("--token-cache-size", given.tokenCacheSize, 1, 10_000_000)
  })

const refuse = (message: string) => new CommandError({ exitCode: 2, message })

/**
 * Who knows the tokens: this store, or the Keystone that the options and the `OS_*` variables mean; the secrets are then
 * taken out of the environment.
 */
export const readAuth = (
  auth: string,
  given: KeystoneOptions,
  env: NodeJS.ProcessEnv
): Effect.Effect<"tokens" | KeystoneSettings, CommandError> =>
  Effect.gen(function* () {
    const limits = yield* readLimits(given)
    const kind = yield* oneOf("--auth", auth, ["tokens", "keystone"])
    const url = Option.filter(given.keystoneUrl, (text) => text !== "")
    if (kind === "tokens") {
      return Option.isNone(url)
        ? kind
        : yield* refuse(
            `${settingName("--keystone-url")} is for --auth keystone, and without that the tokens of this store count; give --auth keystone, or leave the URL out.`
          )
    }
    return Option.isNone(url)
      ? yield* refuse("--auth keystone needs --keystone-url, such as https://keystone.example.com/v3.")
      : { url: yield* httpUrl("--keystone-url", url.value), credentials: yield* readCredentials(env), ...limits }
  })
