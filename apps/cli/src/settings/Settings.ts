import type { Session } from "@backup-catalog/client/keystone"
import type { Flags, Input } from "@backup-catalog/command-line"
import { AccountId, type CatalogError, describeParseError } from "@backup-catalog/core"
import { Effect, Either, Redacted, Schema } from "effect"
import { UsageError } from "../outcomes/UsageError.ts"
import { listed } from "../output/listed.ts"
import { Screen } from "../terminal/Screen.ts"
import { checkCloud, signInToCloud } from "./CloudSession.ts"
import { lookUpToken } from "./Keyring.ts"
import { type FoundProfile, type Profile, profilePath, readProfile, refuseProfile } from "./Profile.ts"
import { tokenOfCommand } from "./tokenCommand.ts"

/** The settings that say where the catalog is and whose backups are asked for. */
export type SettingName = "url" | "account" | "token"

const names: ReadonlyArray<SettingName> = ["url", "account", "token"]

const variables = { url: "BACKUPS_URL", account: "BACKUPS_ACCOUNT", token: "BACKUPS_TOKEN" } as const

/** The variables of the environment that the program reads, apart from those of Keystone. */
export const settingVariables: ReadonlyArray<string> = [...Object.values(variables), "BACKUPS_PROFILE"]

const section = "Where the catalog is"

/** The settings as options; each may also come from the environment or the profile. */
export const settingFlags: Flags<SettingName | "os-cloud"> = {
  url: {
    section,
    value: "URL",
    help: "Address of the catalog, such as https://backups.example.com. Else BACKUPS_URL, else the profile."
  },
  account: {
    section,
    value: "ACCOUNT",
    help: "Account whose backups are meant, such as 1234. Else BACKUPS_ACCOUNT, else the profile."
  },
  token: {
    section,
    value: "TOKEN",
    secret: true,
    help: "Token of the account. Safer in BACKUPS_TOKEN or the profile: other users of the machine can see options."
  },
  "os-cloud": {
    section,
    value: "NAME",
    help:
      "Sign in to Keystone with this cloud of clouds.yaml, which gives url, account and token. Else " +
      "OS_CLOUD, else the profile, else OS_AUTH_URL and the others if neither url nor token is set."
  }
}

/** Every setting, and for an error where the url and the token came from. */
export interface Settings {
  readonly url: string
  readonly account: AccountId
  readonly token: Redacted.Redacted | Session["currentToken"]
  /** Replaces a token that the catalog refused, where it can be replaced. */
  readonly invalidate: Session["invalidate"] | undefined
  readonly sources: Readonly<Record<SettingName, string>>
}

const isAccount = Schema.decodeEither(AccountId)

/** The account that a text names, or the error that says where the text came from. */
export const decodeAccount = (text: string, source: string): Either.Either<AccountId, UsageError> =>
  Either.mapLeft(
    isAccount(text),
    (error) => new UsageError({ message: `${describeParseError(error, `The account from ${source}`)}.` })
  )

const describeMissing = (
  missing: ReadonlyArray<SettingName>,
  path: string | undefined,
  unusedCloud: string | undefined
): string =>
  `Missing: ${listed(missing)}. Give ${listed(missing.map((name) => `--${name}`))}, or set ` +
  listed(missing.map((name) => variables[name])) +
  (path === undefined
    ? ". There is no home folder, so name a profile with BACKUPS_PROFILE; backups login writes it."
    : `, or write ${listed(missing.map((name) => `"${name}"`))} into the profile ${path}, which backups login does.`) +
  (unusedCloud === undefined ? "" : ` ${unusedCloud}`)

/** The settings as far as they are known, the one that counts first before the others. */
class Found {
  readonly values: Partial<Record<SettingName, string>> = {}
  readonly sources: Record<SettingName, string> = { url: "", account: "", token: "" }
  session: Session | undefined
  /** Why the cloud of the profile does not count, as a sentence. */
  unusedCloud: string | undefined
  /** Whether the token is where it can be asked for once it is known for which catalog and account. */
  tokenIsKept = false

  take(name: SettingName, value: string | undefined, source: string): void {
    if (!value || this.values[name] !== undefined) return
    this.values[name] = value
    this.sources[name] = source
  }

  has(name: SettingName): boolean {
    return this.values[name] !== undefined || (name === "token" && (this.session !== undefined || this.tokenIsKept))
  }

  takeSession(session: Session, source: string): void {
    this.take("url", session.url, source)
    this.take("account", session.account, source)
    if (this.has("token")) return
    this.sources.token = source
    this.session = session
  }

  get complete(): boolean {
    return names.every((name) => this.has(name))
  }
}

/** What gives the token of a profile that does not hold it itself. */
const keptToken = ({ tokenCommand, keyring }: Profile, path: string, url: string, account: string) => {
  if (tokenCommand !== undefined) return tokenOfCommand(tokenCommand, path)
  return keyring === undefined ? undefined : lookUpToken({ url, account })
}

/** Takes the token that a profile keeps elsewhere; needs to know for which catalog and account. */
const takeKeptToken = Effect.fnUntraced(function* (found: Found, profile: Profile, path: string) {
  found.tokenIsKept = true
  const { url, account } = found.values
  const kept = url === undefined || account === undefined ? undefined : keptToken(profile, path, url, account)
  if (kept !== undefined) found.take("token", yield* kept, profile.keyring ? "the keyring" : `the command in ${path}`)
})

const describeUnused = (cloud: string, source: string): string =>
  `The cloud ${cloud} of the profile does not count where there is ${source}; leave that out, or give --os-cloud ${cloud}.`

const warnOfExposed = (path: string) =>
  Effect.flatMap(Screen, ({ note }) =>
    note(`backups: warning: others may read the token in ${path}; chmod 600 closes it to them.`)
  )

const addressOf = (url: string): string | undefined => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  return parsed && `${parsed.origin}${parsed.pathname.replace(/\/+$/, "")}`
}

/** Fails when the token of the profile would go to another address than the profile's, which nobody asked for. */
const refuseToSend = (found: Found, { url: own }: Profile, path: string): Effect.Effect<void, UsageError> => {
  const { url = "" } = found.values
  const source = found.sources.url
  const address = addressOf(url)
  if (own === undefined || source === "--url" || address === undefined || address === addressOf(own)) return Effect.void
  return new UsageError({
    message:
      `The url from ${source} is ${address}, and the token of the profile ${path} is for ` +
      `${addressOf(own) ?? "another"}; give --token or BACKUPS_TOKEN, or --url to insist.`
  })
}

const hasToken = ({ token, tokenCommand, keyring }: Profile): boolean =>
  token !== undefined || tokenCommand !== undefined || keyring !== undefined

/** The profile at a path, which is not used where others may write a command into it. */
const readSafeProfile = (path: string, required: boolean): Effect.Effect<FoundProfile, UsageError> =>
  Effect.filterOrFail(
    readProfile(path, required),
    ({ profile, writable }) => profile.tokenCommand === undefined || !writable,
    () => refuseProfile(path, "it names a command, and others may write it; chmod 600 closes it to them")
  )

const readProfileInto = Effect.fnUntraced(function* (found: Found, path: string, env: NodeJS.ProcessEnv) {
  const { profile, exposed } = yield* readSafeProfile(path, Boolean(env.BACKUPS_PROFILE))
  if (!found.has("token") && hasToken(profile)) yield* refuseToSend(found, profile, path)
  if (exposed && profile.token !== undefined) yield* warnOfExposed(path)
  for (const name of names) found.take(name, profile[name], path)
  if (profile.cloud !== undefined) {
    const before = (["url", "token"] as const).find((name) => found.has(name))
    if (before !== undefined) found.unusedCloud = describeUnused(profile.cloud, found.sources[before])
  }
  if (found.has("token")) return
  if (profile.tokenCommand !== undefined || profile.keyring) return yield* takeKeptToken(found, profile, path)
  if (found.has("url")) return
  const cloud = env.OS_CLOUD || profile.cloud
  if (cloud === undefined && !env.OS_AUTH_URL) return
  const session = yield* signInToCloud(cloud, env)
  found.takeSession(session, cloud === undefined ? "OS_AUTH_URL" : `the cloud ${cloud}`)
})

/** The settings that were found; fails with what is missing, and where the account is none. */
const settled = (found: Found, path: string | undefined): Effect.Effect<Settings, UsageError> =>
  Effect.gen(function* () {
    const { sources, session } = found
    const { url, account, token } = found.values
    const given = token === undefined ? session?.currentToken : Redacted.make(token)
    if (url === undefined || account === undefined || given === undefined) {
      return yield* new UsageError({
        message: describeMissing(
          names.filter((name) => !found.has(name)),
          path,
          found.unusedCloud
        )
      })
    }
    return {
      url,
      account: yield* decodeAccount(account, sources.account),
      token: given,
      invalidate: token === undefined ? session?.invalidate : undefined,
      sources
    }
  })

/**
 * The settings: for each the option, else what the cloud of `--os-cloud` says, else the variable of the environment,
 * else the profile, else what the cloud that is set elsewhere says.
 *
 * The profile is read, and somebody signed in, only when something is missing without it. An empty variable counts as
 * not set.
 */
export const readSettings = (
  input: Pick<Input<SettingName | "os-cloud">, "value">,
  env: NodeJS.ProcessEnv
): Effect.Effect<Settings, UsageError | CatalogError, Screen> =>
  Effect.gen(function* () {
    const found = new Found()
    for (const name of names) found.take(name, input.value(name), `--${name}`)

    const cloud = input.value("os-cloud")
    if (cloud !== undefined && !found.complete) {
      found.takeSession(yield* signInToCloud(cloud, env), `the cloud ${cloud}`)
    }
    for (const name of names) if (!found.has(name)) found.take(name, env[variables[name]], variables[name])

    const path = profilePath(env)
    if (!found.complete && path !== undefined) yield* readProfileInto(found, path, env)

    return yield* settled(found, path)
  })

// Stands for a token that is only asked for where it is used.
const UNASKED = "unasked"

/**
 * The settings that a profile by itself leads to, as far as they are known before anybody is asked: a token that is not
 * in the profile is not the one that it will be. Undefined where a cloud says them, once it is known to say enough.
 */
export const foreseeSettings = (
  path: string,
  env: NodeJS.ProcessEnv
): Effect.Effect<Settings | undefined, UsageError> =>
  Effect.gen(function* () {
    const { profile } = yield* readSafeProfile(path, true)
    if (profile.cloud !== undefined) {
      yield* checkCloud(profile.cloud, env)
      return undefined
    }
    const found = new Found()
    for (const name of names) found.take(name, profile[name], path)
    if (hasToken(profile)) found.take("token", UNASKED, path)
    return yield* settled(found, path)
  })
