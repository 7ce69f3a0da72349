import { Data, Effect, Option, Redacted } from "effect"

/** A domain of Keystone. */
export type Domain = { readonly id: string } | { readonly name: string }

/** A user or a project of Keystone: by its id, or by its name, which is unique within a domain only. */
export type Named = { readonly id: string } | { readonly name: string; readonly domain: Domain }

/** What the server signs in to Keystone with, for a token of its own. */
export type KeystoneCredentials =
  | {
      readonly method: "password"
      readonly user: Named
      readonly password: Redacted.Redacted
      readonly project: Named
    }
  | {
      readonly method: "application_credential"
      readonly credential: { readonly id: string } | { readonly name: string; readonly user: Named }
      readonly secret: Redacted.Redacted
    }

/** The body of the request for a token (`POST /v3/auth/tokens`), with the secret in it. */
export const authRequest = (credentials: KeystoneCredentials): unknown =>
  credentials.method === "password"
    ? {
        auth: {
          identity: {
            methods: ["password"],
            password: { user: { ...credentials.user, password: Redacted.value(credentials.password) } }
          },
          scope: { project: credentials.project }
        }
      }
    : {
        auth: {
          // Keystone refuses a scope here: an application credential is made for one project.
          identity: {
            methods: ["application_credential"],
            application_credential: { ...credentials.credential, secret: Redacted.value(credentials.secret) }
          }
        }
      }

/**
 * The server has nothing to sign in to Keystone with: what variables would have to be set, each with others that do.
 */
export class CredentialsMissing extends Data.TaggedError("CredentialsMissing")<{
  readonly variables: ReadonlyArray<string>
}> {}

/** `OS_AUTH_TYPE` names a way to sign in that the server does not have. */
export class AuthTypeUnknown extends Data.TaggedError("AuthTypeUnknown")<{
  /** Those that it has. */
  readonly known: ReadonlyArray<string>
}> {}

type Method = KeystoneCredentials["method"]

const methods: Readonly<Record<string, Method>> = {
  password: "password",
  v3password: "password",
  v3applicationcredential: "application_credential"
}

/** Names of variables that would have to be set. */
type Missing = ReadonlyArray<string>

const gather = (parts: { readonly [part: string]: Option.Option<Missing> }): Missing =>
  Object.values(parts).flatMap((part) => Option.getOrElse(part, () => []))

const SECRETS = ["OS_PASSWORD", "OS_APPLICATION_CREDENTIAL_SECRET"]

/** Takes the secrets out of the environment and gives all of it as it was, with empty variables left out. */
const takeVariables = (env: NodeJS.ProcessEnv): ReadonlyMap<string, string> => {
  const variables = new Map(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value] as const] : [])))
  for (const secret of SECRETS) delete env[secret]
  return variables
}

const methodOf = (variables: ReadonlyMap<string, string>): Effect.Effect<Method, AuthTypeUnknown> => {
  const has = (...names: ReadonlyArray<string>) => names.some((name) => variables.has(name))
  const authType = variables.get("OS_AUTH_TYPE")
  if (authType !== undefined) {
    const method = Object.hasOwn(methods, authType) ? methods[authType] : undefined
    return method === undefined ? new AuthTypeUnknown({ known: Object.keys(methods) }) : Effect.succeed(method)
  }
  // As with the OpenStack tools, for which a password counts where nothing else is said.
  const hasPassword = has("OS_USERNAME", "OS_USER_ID") && has("OS_PASSWORD")
  const hasCredential = ["ID", "NAME", "SECRET"].some((part) => has(`OS_APPLICATION_CREDENTIAL_${part}`))
  return Effect.succeed(hasCredential && !hasPassword ? "application_credential" : "password")
}

const reading = (variables: ReadonlyMap<string, string>, method: Method) => {
  const need = (name: string): Effect.Effect<string, Missing> => {
    const value = variables.get(name)
    return value === undefined ? Effect.fail([name]) : Effect.succeed(value)
  }
  const secret = (name: string) => Effect.map(need(name), (value) => Redacted.make(value))

  const domain = (prefix: string): Domain => {
    for (const [ids, named] of [
      [[`${prefix}_ID`], `${prefix}_NAME`],
      [["OS_DEFAULT_DOMAIN_ID", "OS_DEFAULT_DOMAIN"], "OS_DEFAULT_DOMAIN_NAME"]
    ] as const) {
      const id = ids.map((one) => variables.get(one)).find((value) => value !== undefined)
      if (id !== undefined) return { id }
      const name = variables.get(named)
      if (name !== undefined) return { name }
    }
    return { id: "default" }
  }

  const named = (what: string, nameVariable: string): Effect.Effect<Named, Missing> => {
    const id = variables.get(`OS_${what}_ID`)
    if (id !== undefined) return Effect.succeed({ id })
    return Effect.mapBoth(need(nameVariable), {
      onFailure: () => [`${nameVariable} (or OS_${what}_ID)`],
      onSuccess: (name) => ({ name, domain: domain(`OS_${what}_DOMAIN`) })
    })
  }
  const user = named("USER", "OS_USERNAME")

  const password = Effect.all(
    { user, password: secret("OS_PASSWORD"), project: named("PROJECT", "OS_PROJECT_NAME") },
    { mode: "validate" }
  ).pipe(
    Effect.mapError(gather),
    Effect.map((parts): KeystoneCredentials => ({ method: "password", ...parts }))
  )

  const id = Effect.map(need("OS_APPLICATION_CREDENTIAL_ID"), (id) => ({ id }))
  const byName = Effect.all({ name: need("OS_APPLICATION_CREDENTIAL_NAME"), user }, { mode: "validate" })
  const applicationCredential = Effect.all(
    {
      credential: variables.has("OS_APPLICATION_CREDENTIAL_NAME")
        ? Effect.orElse(id, () => Effect.mapError(byName, gather))
        : id,
      secret: secret("OS_APPLICATION_CREDENTIAL_SECRET")
    },
    { mode: "validate" }
  ).pipe(
    Effect.mapError(gather),
    Effect.map((parts): KeystoneCredentials => ({ method: "application_credential", ...parts }))
  )

  return method === "password" ? password : applicationCredential
}

/**
 * The server's own credentials, from the variables that the tools of OpenStack use (`OS_…`); what is missing is named.
 *
 * Which of them count, `OS_AUTH_TYPE` says; without it a user with a password, who needs a project too, goes before an
 * application credential, by id or by name and user. A domain that is not given is that of `OS_DEFAULT_DOMAIN_ID`,
 * `OS_DEFAULT_DOMAIN` (an id) or `OS_DEFAULT_DOMAIN_NAME`, or else the one with the id `default`. Empty variables count
 * as not set.
 *
 * The password and the secret are removed from `env`, also when something is missing: with `process.env` they are then
 * in no report of a crash and in the environment of no child.
 */
export const readCredentials = (
  env: NodeJS.ProcessEnv
): Effect.Effect<KeystoneCredentials, CredentialsMissing | AuthTypeUnknown> =>
  Effect.suspend(() => {
    const variables = takeVariables(env)
    return Effect.flatMap(methodOf(variables), (method) =>
      Effect.mapError(reading(variables, method), (missing) => new CredentialsMissing({ variables: missing }))
    )
  })
