import { Effect, Redacted } from "effect"
import { InvalidOption } from "../HttpCatalogOptions.ts"
import type { Setting } from "./Setting.ts"
import { capitalized, invalidSetting, type Source } from "./Source.ts"

/** A thing of Keystone by its id, or by its name in a domain. */
export type Named = { readonly id: string } | { readonly name: string; readonly domain: Domain }

type Domain = { readonly id: string } | { readonly name: string }

/** What somebody signs in with. */
export type Credentials =
  | { readonly method: "password"; readonly user: Named; readonly password: Redacted.Redacted; readonly project: Named }
  | {
      readonly method: "application_credential"
      readonly credential: { readonly id: string } | { readonly name: string; readonly user: Named }
      readonly secret: Redacted.Redacted
      /** The project that the credential has to be of; undefined for whichever it is. */
      readonly project: Named | undefined
    }
  | { readonly method: "token"; readonly token: Redacted.Redacted; readonly project: Named }

type Method = Credentials["method"]

const methods: Readonly<Record<string, Method>> = {
  password: "password",
  v3password: "password",
  v3applicationcredential: "application_credential",
  token: "token",
  v3token: "token"
}

/** What an error calls each method. */
const methodWords: Readonly<Record<Method, string>> = {
  password: "password",
  application_credential: "application credential",
  token: "token"
}

const user = ["username", "userId"] as const
const project = ["projectName", "projectId"] as const

/** The method that what is set is enough for, the one that counts first in front. */
const methodToldBy = (source: Source): Method | undefined => {
  const has = (...settings: ReadonlyArray<Setting>) => settings.some((setting) => source.get(setting) !== undefined)
  // As with the OpenStack tools, for which a password counts where nothing else is said.
  if (has(...user) && has("password")) return "password"
  if (has("applicationCredentialId", "applicationCredentialName")) return "application_credential"
  return has("token") ? "token" : undefined
}

const methodOf = (source: Source, options: Source): Effect.Effect<Method, InvalidOption> => {
  const authType = source.get("authType")
  if (authType === undefined) {
    return Effect.succeed(methodToldBy(options) ?? methodToldBy(source) ?? "password")
  }
  const method = Object.hasOwn(methods, authType) ? methods[authType] : undefined
  return method === undefined
    ? invalidSetting(source.nameOf("authType"), `must be one of ${Object.keys(methods).join(" ")}`)
    : Effect.succeed(method)
}

const domainOf = (source: Source, thing: "user" | "project"): Domain => {
  for (const which of [thing, "default"] as const) {
    const id = source.get(`${which}DomainId`)
    if (id !== undefined) return { id }
    const name = source.get(`${which}DomainName`)
    if (name !== undefined) return { name }
  }
  return { id: "default" }
}

const namedThing = (source: Source, thing: "user" | "project"): Named | undefined => {
  const id = source.get(`${thing}Id`)
  if (id !== undefined) return { id }
  const name = source.get(thing === "user" ? "username" : "projectName")
  return name === undefined ? undefined : { name, domain: domainOf(source, thing) }
}

const secretOf = (source: Source, setting: Setting): Redacted.Redacted | undefined => {
  const text = source.get(setting)
  return text === undefined ? undefined : Redacted.make(text)
}

/** The error for settings that are missing: of each group one must be there, the first being the usual one. */
const missing = (
  source: Source,
  method: Method,
  groups: ReadonlyArray<readonly [Setting, ...ReadonlyArray<Setting>]>
) => {
  const lacking = groups.filter((group) => group.every((setting) => source.get(setting) === undefined))
  const names = lacking.map((group) => group.map((setting) => source.nameOf(setting).name))
  return new InvalidOption({
    option: names[0]?.[0] ?? source.nameOf("authType").name,
    message:
      `${capitalized(source.title)} cannot be used to sign in by ${methodWords[method]}: ` +
      `${names.map((group) => group.join(" or ")).join(", and ")} must be set.`
  })
}

const byPassword = (source: Source): Effect.Effect<Credentials, InvalidOption> => {
  const [who, where] = [namedThing(source, "user"), namedThing(source, "project")]
  const password = secretOf(source, "password")
  return who === undefined || password === undefined || where === undefined
    ? missing(source, "password", [user, ["password"], project])
    : Effect.succeed({ method: "password", user: who, password, project: where })
}

const byApplicationCredential = (source: Source): Effect.Effect<Credentials, InvalidOption> => {
  const method = "application_credential"
  const id = source.get("applicationCredentialId")
  const name = source.get("applicationCredentialName")
  const who = namedThing(source, "user")
  const secret = secretOf(source, "applicationCredentialSecret")
  const where = namedThing(source, "project")
  const ids: readonly [Setting, Setting] = ["applicationCredentialId", "applicationCredentialName"]
  if (secret !== undefined && id !== undefined)
    return Effect.succeed({ method, credential: { id }, secret, project: where })
  if (secret !== undefined && name !== undefined && who !== undefined) {
    return Effect.succeed({ method, credential: { name, user: who }, secret, project: where })
  }
  const byName = id === undefined && name !== undefined
  return missing(source, method, [ids, ["applicationCredentialSecret"], ...(byName ? [user] : [])])
}

const byToken = (source: Source): Effect.Effect<Credentials, InvalidOption> => {
  const where = namedThing(source, "project")
  const token = secretOf(source, "token")
  return token === undefined || where === undefined
    ? missing(source, "token", [["token"], project])
    : Effect.succeed({ method: "token", token, project: where })
}

const readers = { password: byPassword, application_credential: byApplicationCredential, token: byToken }

/**
 * The credentials that a source has, or what it lacks for them; `options` are those in front of it, whose method counts
 * before that of the others.
 */
export const readCredentials = (source: Source, options: Source): Effect.Effect<Credentials, InvalidOption> =>
  Effect.flatMap(methodOf(source, options), (method) => readers[method](source))

/** What of credentials nobody may see. */
export const secretIn = (credentials: Credentials): Redacted.Redacted => {
  switch (credentials.method) {
    case "password":
      return credentials.password
    case "application_credential":
      return credentials.secret
    case "token":
      return credentials.token
  }
}

const identityOf = (credentials: Credentials): object => {
  const secret = Redacted.value(secretIn(credentials))
  switch (credentials.method) {
    case "password":
      return { user: { ...credentials.user, password: secret } }
    case "application_credential":
      return { ...credentials.credential, secret }
    case "token":
      return { id: secret }
  }
}

/** The body of the request for a token: `POST /v3/auth/tokens`. It holds the secret. */
export const authBody = (credentials: Credentials): object => ({
  auth: {
    identity: { methods: [credentials.method], [credentials.method]: identityOf(credentials) },
    // Keystone refuses a scope for an application credential, which has the one of its project.
    ...(credentials.method === "application_credential" ? {} : { scope: { project: credentials.project } })
  }
})
