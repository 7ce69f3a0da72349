import type { Flags, Input } from "@backup-catalog/command-line"
import { BackupCatalog, type CatalogError } from "@backup-catalog/core"
import { Effect, type Layer, Redacted } from "effect"
import { catalogLive } from "../catalog/catalogLive.ts"
import type { LocalCommand } from "../commandLine/Command.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import { Keyboard } from "../reading/Keyboard.ts"
import { Account } from "../settings/Account.ts"
import { signInToCloud } from "../settings/CloudSession.ts"
import { clearToken, storeToken } from "../settings/Keyring.ts"
import { ownProfilePath, type Profile, profileMembers, readProfile } from "../settings/Profile.ts"
import { decodeAccount, type Settings } from "../settings/Settings.ts"
import { tokenOfCommand } from "../settings/tokenCommand.ts"
import { writeProfile } from "../settings/writeProfile.ts"
import { escapeText } from "../terminal/escapeText.ts"
import { Screen } from "../terminal/Screen.ts"

const flags: Flags<"url" | "account" | "os-cloud" | "token-command" | "keyring" | "no-check"> = {
  url: { value: "URL", help: "Address of the catalog. Asked for where there is a terminal, else that of the profile." },
  account: { value: "ACCOUNT", help: "Account whose backups are meant; asked for in the same way." },
  "os-cloud": { value: "NAME", help: "Keep the name of this cloud of clouds.yaml and nothing else." },
  "token-command": {
    value: "COMMAND",
    help: "Keep this shell command; the first line that it prints is the token: 'pass show backups'."
  },
  keyring: { help: "Keep the token in the system's keyring. Needs secret-tool." },
  "no-check": { help: "Keep it without asking the catalog whether it works." }
}

type FlagName = keyof typeof flags

const MAX_TOKEN_BYTES = 65_536

/** What is to be kept, and the settings that it means. */
interface Login {
  readonly profile: Profile
  readonly settings: Settings
  /** Puts the token where the profile does not have it. */
  readonly store: Effect.Effect<void, UsageError, Screen>
}

type Asked = "url" | "account"

const questions: Readonly<Record<Asked, string>> = { url: "Address of the catalog", account: "Account" }

interface Answer {
  readonly value: string
  readonly source: string
}

/** What is given as an option, else typed, else in the profile. */
const readOrAsk = Effect.fnUntraced(function* (input: Input<FlagName>, name: Asked, before: string | undefined) {
  const keyboard = yield* Keyboard
  const given = input.value(name)
  if (given !== undefined) return { value: given, source: `--${name}` } satisfies Answer
  const shown = before === undefined ? "" : ` [${escapeText(before)}]`
  const typed = keyboard.attended ? (yield* keyboard.ask(`${questions[name]}${shown}: `))?.trim() : undefined
  if (typed) return { value: typed, source: "the terminal" } satisfies Answer
  if (before !== undefined) return { value: before, source: "the profile" } satisfies Answer
  return yield* new UsageError({
    message: keyboard.attended
      ? `Nothing was kept: no ${name} was given.`
      : `Nothing was kept: the option --${name} is missing, and there is no terminal to ask for it in.`
  })
})

const readToken = Effect.gen(function* () {
  const keyboard = yield* Keyboard
  const typed = keyboard.attended
    ? yield* keyboard.askSecretly("Token (not shown): ")
    : keyboard.piped
      ? yield* keyboard.whole(MAX_TOKEN_BYTES)
      : undefined
  const token = typed?.trim()
  if (token) return token
  return yield* new UsageError({
    message: keyboard.attended
      ? "Nothing was kept: no token was given."
      : "Nothing was kept: no token came from the standard input, and there is no terminal to ask for it in."
  })
})

const logInToCloud = (cloud: string) =>
  Effect.map(signInToCloud(cloud, process.env), ({ url, account, currentToken, invalidate }): Login => {
    const source = `the cloud ${cloud}`
    return {
      profile: { cloud },
      settings: {
        url,
        account,
        token: currentToken,
        invalidate,
        sources: { url: source, account: source, token: source }
      },
      store: Effect.void
    }
  })

const logInByToken = Effect.fnUntraced(function* (input: Input<FlagName>, before: Profile) {
  const url = yield* readOrAsk(input, "url", before.url)
  const account = yield* readOrAsk(input, "account", before.account)
  const where = { url: url.value, account: yield* decodeAccount(account.value, account.source) }
  const command = input.value("token-command")
  const token = command === undefined ? yield* readToken : yield* tokenOfCommand(command, "--token-command")
  const keyring = input.given("keyring")
  return {
    profile: {
      ...where,
      ...(command === undefined ? (keyring ? { keyring: true as const } : { token }) : { tokenCommand: command })
    },
    settings: {
      ...where,
      token: Redacted.make(token),
      invalidate: undefined,
      sources: {
        url: url.source,
        account: account.source,
        token: command === undefined ? "the standard input" : "--token-command"
      }
    },
    store: keyring ? storeToken(where, token) : Effect.void
  } satisfies Login
})

const ask = Effect.flatMap(Effect.all([BackupCatalog, Account]), ([catalog, account]) =>
  catalog.list(account, {}, { limit: 1 })
)

/** Fails when the settings cannot be used, or, unless it is not to be checked, the catalog does not answer to them. */
const check = (settings: Settings, asked: boolean): Effect.Effect<void, UsageError | CatalogError> =>
  Effect.provide(
    asked ? Effect.asVoid(ask) : Effect.void,
    catalogLive(settings) satisfies Layer.Layer<BackupCatalog | Account, UsageError>
  )

const refuseBoth = (input: Input<FlagName>): Effect.Effect<void, UsageError> => {
  const [first, second] = (["os-cloud", "token-command", "keyring"] as const).filter((name) => input.given(name))
  const other = input.given("os-cloud") ? (["url", "account"] as const).find((name) => input.given(name)) : second
  return first === undefined || (other ?? second) === undefined
    ? Effect.void
    : new UsageError({ message: `The options --${first} and --${other ?? second} exclude each other.` })
}

const variables = ["BACKUPS_URL", "BACKUPS_ACCOUNT", "BACKUPS_TOKEN"]

/** `backups login`: keeps where the catalog is and who asks in the profile. */
export const login: LocalCommand<FlagName> = {
  kind: "local",
  name: "login",
  summary: "Keep the address, the account and the token in the profile.",
  details:
    "Asks for what is not given; a token is never an option, and may be piped in. Nothing is kept before the catalog has answered.",
  flags,
  examples: [
    ["backups login", "Asks for everything."],
    ["backups login --url https://backups.example.com --account 1234 < token", "With the token from a file."],
    ["backups login --token-command 'pass show backups'", "Asks a password store whenever a token is needed."],
    ["backups login --os-cloud shop", "Signs in to Keystone with a cloud of clouds.yaml."]
  ],
  run: Effect.fnUntraced(function* (input) {
    const screen = yield* Screen
    yield* refuseBoth(input)
    const path = yield* ownProfilePath(process.env)
    const { profile: before, members } = yield* readProfile(path, false)
    const cloud = input.value("os-cloud")
    const { profile, settings, store }: Login = yield* cloud === undefined
      ? logInByToken(input, before)
      : logInToCloud(cloud)
    yield* Effect.tapError(check(settings, !input.given("no-check")), () => screen.note("Nothing was kept."))

    yield* store
    const others = Object.entries(members).filter(([name]) => !profileMembers.some((member) => member === name))
    yield* writeProfile(path, { ...Object.fromEntries(others), ...profile })
    const { url, account } = before
    const moved = profile.keyring === undefined || url !== profile.url || account !== profile.account
    if (before.keyring && url !== undefined && account !== undefined && moved) yield* clearToken({ url, account })

    yield* screen.note(`Kept in ${path}: the account ${settings.account} at ${escapeText(settings.url)}.`)
    const masking = variables.filter((name) => process.env[name])
    if (masking.length > 0) {
      yield* screen.note(`backups: warning: ${masking.join(" ")} of the environment counts before the profile.`)
    }
  })
}
