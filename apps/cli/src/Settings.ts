import { AccountId, describeParseError } from "@backup-catalog/core"
import { Effect, Either, Redacted, Schema } from "effect"
import type { Flags, Input } from "./Command.ts"
import { profilePath, readProfile } from "./Profile.ts"
import { Screen } from "./Screen.ts"
import { UsageError } from "./UsageError.ts"

/** The settings that say where the catalog is and whose backups are asked for. */
export type SettingName = "url" | "account" | "token"

const names: ReadonlyArray<SettingName> = ["url", "account", "token"]

const variables = { url: "BACKUPS_URL", account: "BACKUPS_ACCOUNT", token: "BACKUPS_TOKEN" } as const

/** The settings as options; each may also come from the environment or the profile. */
export const settingFlags: Flags<SettingName> = {
  url: {
    value: "URL",
    help: "Address of the catalog, such as https://backups.example.com. Else BACKUPS_URL, else the profile."
  },
  account: {
    value: "ACCOUNT",
    help: "Account whose backups are meant, such as 1234. Else BACKUPS_ACCOUNT, else the profile."
  },
  token: {
    value: "TOKEN",
    help: "Token of the account. Safer in BACKUPS_TOKEN or the profile: other users of the machine can see options."
  }
}

/** Every setting, and for an error where the url and the token came from. */
export interface Settings {
  readonly url: string
  readonly account: AccountId
  readonly token: Redacted.Redacted
  readonly sources: Readonly<Record<SettingName, string>>
}

const decodeAccount = Schema.decodeEither(AccountId)

const listed = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`

const describeMissing = (missing: ReadonlyArray<SettingName>, path: string): string =>
  `Missing: ${listed(missing)}. Give ${listed(missing.map((name) => `--${name}`))}, or set ` +
  `${listed(missing.map((name) => variables[name]))}, or write ${listed(missing.map((name) => `"${name}"`))} into the ` +
  `profile ${path}.`

/**
 * The settings: for each the option, else the variable of the environment, else the profile.
 *
 * The profile is read only when something is missing without it. An empty variable counts as not set.
 */
export const readSettings = Effect.fnUntraced(function* (input: Input<SettingName>, env: NodeJS.ProcessEnv) {
  const values = new Map<SettingName, string>()
  const sources = { url: "", account: "", token: "" }
  const take = (name: SettingName, value: string | undefined, source: string) => {
    if (!value || values.has(name)) return
    values.set(name, value)
    sources[name] = source
  }
  for (const name of names) {
    take(name, input.value(name), `--${name}`)
    take(name, env[variables[name]], variables[name])
  }

  const path = profilePath(env)
  if (values.size < names.length) {
    const { profile, exposed } = yield* readProfile(path, Boolean(env.BACKUPS_PROFILE))
    if (exposed && profile.token !== undefined) {
      const screen = yield* Screen
      yield* screen.note(`backups: warning: others may read the token in ${path}; chmod 600 closes it to them.`)
    }
    for (const name of names) take(name, profile[name], path)
  }

  const [url, account, token] = names.map((name) => values.get(name))
  if (url === undefined || account === undefined || token === undefined) {
    return yield* new UsageError({
      message: describeMissing(
        names.filter((name) => !values.has(name)),
        path
      )
    })
  }
  const decoded = decodeAccount(account)
  if (Either.isLeft(decoded)) {
    return yield* new UsageError({
      message: `${describeParseError(decoded.left, `The account from ${sources.account}`)}.`
    })
  }
  return { url, account: decoded.right, token: Redacted.make(token), sources } satisfies Settings
})
