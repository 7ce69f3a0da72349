import { Effect, Record, Redacted } from "effect"
import { type InvalidOption, type Patience, readOptions } from "../HttpCatalogOptions.ts"
import { aFunction, type Known } from "../readMembers.ts"
import type { TimeSpan } from "../TimeSpan.ts"
import { settings } from "./Setting.ts"
import { invalidSetting, type SettingName, type Source } from "./Source.ts"

/**
 * Who signs in, where, and to which catalog.
 *
 * With `cloud`, the settings are those of that cloud in `clouds.yaml`; with `authUrl`, these options alone; with
 * neither, those of the environment. What else is given here counts before them. An empty text counts as not given.
 */
export interface SignInOptions {
  /** The name of a cloud in `clouds.yaml`. */
  readonly cloud?: string | undefined
  /** The address of Keystone, with or without `/v3`: `https://keystone.example.com:5000`. */
  readonly authUrl?: string | URL | undefined
  /**
   * How to sign in: `password`, `v3password`, `v3applicationcredential`, `token` or `v3token`. Default: as the
   * OpenStack tools by the password when there is one with its user, else by the application credential, else by the
   * token; what options are enough for counts before what else is set.
   */
  readonly authType?: string | undefined
  readonly username?: string | undefined
  readonly userId?: string | undefined
  readonly password?: string | Redacted.Redacted | undefined
  /**
   * The domain of the user. Default for both domains: `defaultDomainId` or `defaultDomainName`, else the id `default`.
   */
  readonly userDomainName?: string | undefined
  readonly userDomainId?: string | undefined
  /**
   * The project whose backups are meant; its id is the account. An application credential has its own, and is refused
   * where another one is set.
   */
  readonly projectName?: string | undefined
  readonly projectId?: string | undefined
  readonly projectDomainName?: string | undefined
  readonly projectDomainId?: string | undefined
  readonly defaultDomainName?: string | undefined
  readonly defaultDomainId?: string | undefined
  readonly applicationCredentialId?: string | undefined
  /** The name of an application credential, which counts together with its user. */
  readonly applicationCredentialName?: string | undefined
  readonly applicationCredentialSecret?: string | Redacted.Redacted | undefined
  /** A token that is exchanged for one of the project. It cannot be renewed for longer than it is valid itself. */
  readonly token?: string | Redacted.Redacted | undefined
  /** The region whose catalog is meant; it may be missing where there is only one. */
  readonly region?: string | undefined
  /** Which address of the catalog is meant: `public`, `internal` or `admin`. Default `public`. */
  readonly interface?: string | undefined
  /** The type of the service. Default `database`. */
  readonly serviceType?: string | undefined
  /** The address of the catalog, with or without `/v1.0/<project id>`, instead of the one that Keystone knows. */
  readonly endpointOverride?: string | undefined
  /** A file of certificates. Node reads one only at its start, so `NODE_EXTRA_CA_CERTS` must be set as well. */
  readonly cacert?: string | undefined
  /** How long one attempt at Keystone may take: milliseconds, or text such as `"10 seconds"`. Default 30 s. */
  readonly timeout?: TimeSpan | undefined
  /** How often Keystone is tried again when it does not answer: a whole number, 0 for never. Default 2. */
  readonly retries?: number | undefined
  /** The longest wait between two attempts: milliseconds, or text such as `"1 minute"`. Default 30 s. */
  readonly maxWait?: TimeSpan | undefined
  /** What is called instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
}

// Environments and files still name a version; who writes a program means the only one there is.
const optionSettings = settings.filter((setting) => setting !== "identityApiVersion")

const nameOf = (option: string): SettingName => ({ name: option, words: `the option ${option}` })

const textOf = (value: unknown): unknown => {
  if (Redacted.isRedacted(value)) return Redacted.value(value)
  return value instanceof URL ? value.href : value
}

/** Options as a source of settings; `cloud` is there when it is given and not empty. */
export interface GivenOptions extends Source {
  readonly cloud: string | undefined
}

const patience: Known<Pick<SignInOptions, keyof Patience>> = {
  timeout: true,
  retries: true,
  maxWait: true,
  fetch: aFunction
}

const textOptions = ["cloud", ...optionSettings] as const

const known = {
  ...Record.fromIterableWith(textOptions, (option) => [option, true]),
  ...patience
} as Known<SignInOptions>

/** What options say; `InvalidOption` for one that is not known. */
export const readSignInOptions = (options: SignInOptions): Effect.Effect<SignInOptions, InvalidOption> =>
  readOptions(options, known)

/** The options as a source of settings, or the first one that is no text. */
export const optionsSource = (options: SignInOptions): Effect.Effect<GivenOptions, InvalidOption> =>
  Effect.gen(function* () {
    const values = new Map<string, string>()
    for (const option of textOptions) {
      const given = options[option]
      if (given === undefined) continue
      const text = textOf(given)
      if (typeof text !== "string") return yield* invalidSetting(nameOf(option), "must be a text")
      if (text !== "") values.set(option, text)
    }
    return { title: "the options", cloud: values.get("cloud"), get: (setting) => values.get(setting), nameOf }
  })
