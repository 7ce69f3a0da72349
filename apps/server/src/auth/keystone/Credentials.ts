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

/** The server has nothing to sign in to Keystone with: what variables would have to be set, each with others that do. */
export class CredentialsMissing extends Data.TaggedError("CredentialsMissing")<{
  readonly variables: ReadonlyArray<string>
}> {}

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

const reading = (variables: ReadonlyMap<string, string>) => {
  const need = (name: string): Effect.Effect<string, Missing> => {
    const value = variables.get(name)
    return value === undefined ? Effect.fail([name]) : Effect.succeed(value)
  }
  const secret = (name: string) => Effect.map(need(name), (value) => Redacted.make(value))

  const domain = (prefix: string): Effect.Effect<Domain, Missing> => {
    for (const one of [prefix, "OS_DEFAULT_DOMAIN"]) {
      const id = variables.get(`${one}_ID`)
      const name = variables.get(`${one}_NAME`)
      if (id !== undefined) return Effect.succeed({ id })
      if (name !== undefined) return Effect.succeed({ name })
    }
    const id = variables.get("OS_DEFAULT_DOMAIN")
    return id === undefined ? Effect.fail([`${prefix}_NAME (or ${prefix}_ID)`]) : Effect.succeed({ id })
  }

  const named = (what: string, nameVariable: string): Effect.Effect<Named, Missing> => {
    const id = variables.get(`OS_${what}_ID`)
    if (id !== undefined) return Effect.succeed({ id })
    const name = Effect.mapError(need(nameVariable), () => [`${nameVariable} (or OS_${what}_ID)`])
    return Effect.mapError(Effect.all({ name, domain: domain(`OS_${what}_DOMAIN`) }, { mode: "validate" }), gather)
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

  return ["ID", "NAME", "SECRET"].some((part) => variables.has(`OS_APPLICATION_CREDENTIAL_${part}`))
    ? applicationCredential
    : password
}

/**
 * The server's own credentials, from the variables that the tools of OpenStack use (`OS_…`); what is missing is named.
 *
 * An application credential, by id or by name and user, goes before a user with a password, who needs a project too. A
 * domain that is not given is that of `OS_DEFAULT_DOMAIN_ID`, `OS_DEFAULT_DOMAIN_NAME` or `OS_DEFAULT_DOMAIN` (an id).
 * Empty variables count as not set.
 *
 * The password and the secret are removed from `env`, also when something is missing: with `process.env` they are then
 * in no report of a crash and in the environment of no child.
 */
export const readCredentials = (env: NodeJS.ProcessEnv): Effect.Effect<KeystoneCredentials, CredentialsMissing> =>
  Effect.suspend(() => reading(takeVariables(env))).pipe(
    Effect.mapError((variables) => new CredentialsMissing({ variables }))
  )
