import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { authRequest, readCredentials } from "../../src/auth/keystone/Credentials.ts"

const identityOf = (env: NodeJS.ProcessEnv) => Effect.map(readCredentials(env), authRequest)

const password = (user: object, project: object) => ({
  auth: {
    identity: { methods: ["password"], password: { user: { ...user, password: "pa ss" } } },
    scope: { project }
  }
})

const applicationCredential = (members: object) => ({
  auth: {
    identity: { methods: ["application_credential"], application_credential: { ...members, secret: "s3" } }
  }
})

const inDefault = { domain: { name: "Default" } }

describe("the server's own credentials", () => {
  for (const [what, env, request] of [
    [
      "a user and a project by name",
      {
        OS_USERNAME: "catalog",
        OS_PASSWORD: "pa ss",
        OS_USER_DOMAIN_NAME: "Default",
        OS_PROJECT_NAME: "service",
        OS_PROJECT_DOMAIN_NAME: "Default"
      },
      password({ name: "catalog", ...inDefault }, { name: "service", ...inDefault })
    ],
    [
      "a user and a project by name, their domains by id",
      {
        OS_USERNAME: "catalog",
        OS_PASSWORD: "pa ss",
        OS_USER_DOMAIN_ID: "d1",
        OS_PROJECT_NAME: "service",
        OS_PROJECT_DOMAIN_ID: "d2"
      },
      password({ name: "catalog", domain: { id: "d1" } }, { name: "service", domain: { id: "d2" } })
    ],
    [
      "a user and a project by id, which need no domain",
      { OS_USER_ID: "u1", OS_PASSWORD: "pa ss", OS_PROJECT_ID: "p1" },
      password({ id: "u1" }, { id: "p1" })
    ],
    [
      "the default domain, by id",
      { OS_USERNAME: "catalog", OS_PASSWORD: "pa ss", OS_PROJECT_NAME: "service", OS_DEFAULT_DOMAIN: "default" },
      password({ name: "catalog", domain: { id: "default" } }, { name: "service", domain: { id: "default" } })
    ],
    [
      "the default domain, by name, where there is no other",
      {
        OS_USERNAME: "catalog",
        OS_PASSWORD: "pa ss",
        OS_USER_DOMAIN_ID: "d1",
        OS_PROJECT_NAME: "service",
        OS_DEFAULT_DOMAIN_NAME: "Default"
      },
      password({ name: "catalog", domain: { id: "d1" } }, { name: "service", ...inDefault })
    ],
    [
      "an application credential by id",
      { OS_APPLICATION_CREDENTIAL_ID: "ac1", OS_APPLICATION_CREDENTIAL_SECRET: "s3" },
      applicationCredential({ id: "ac1" })
    ],
    [
      "an application credential by name and user",
      {
        OS_APPLICATION_CREDENTIAL_NAME: "srv",
        OS_APPLICATION_CREDENTIAL_SECRET: "s3",
        OS_USERNAME: "catalog",
        OS_USER_DOMAIN_NAME: "Default"
      },
      applicationCredential({ name: "srv", user: { name: "catalog", ...inDefault } })
    ],
    [
      "the domain with the id default, where there is no other",
      { OS_USERNAME: "catalog", OS_PASSWORD: "pa ss", OS_PROJECT_NAME: "service" },
      password({ name: "catalog", domain: { id: "default" } }, { name: "service", domain: { id: "default" } })
    ],
    [
      "a password rather than an application credential",
      {
        OS_APPLICATION_CREDENTIAL_ID: "ac1",
        OS_APPLICATION_CREDENTIAL_SECRET: "s3",
        OS_USER_ID: "u1",
        OS_PASSWORD: "pa ss",
        OS_PROJECT_ID: "p1"
      },
      password({ id: "u1" }, { id: "p1" })
    ],
    [
      "an application credential where there is a password without a user",
      { OS_APPLICATION_CREDENTIAL_ID: "ac1", OS_APPLICATION_CREDENTIAL_SECRET: "s3", OS_PASSWORD: "pa ss" },
      applicationCredential({ id: "ac1" })
    ],
    [
      "an application credential rather than a password where that is said",
      {
        OS_AUTH_TYPE: "v3applicationcredential",
        OS_APPLICATION_CREDENTIAL_ID: "ac1",
        OS_APPLICATION_CREDENTIAL_NAME: "srv",
        OS_APPLICATION_CREDENTIAL_SECRET: "s3",
        OS_USER_ID: "u1",
        OS_PASSWORD: "pa ss",
        OS_PROJECT_ID: "p1"
      },
      applicationCredential({ id: "ac1" })
    ],
    [
      "a password where the variables of an application credential are empty",
      {
        OS_APPLICATION_CREDENTIAL_ID: "",
        OS_APPLICATION_CREDENTIAL_SECRET: "",
        OS_USER_ID: "u1",
        OS_PASSWORD: "pa ss",
        OS_PROJECT_ID: "p1"
      },
      password({ id: "u1" }, { id: "p1" })
    ]
  ] as const) {
    it.effect(`are ${what}`, () =>
      Effect.gen(function* () {
        assert.deepEqual(yield* identityOf({ ...env }), request)
      })
    )
  }

  for (const [env, missing] of [
    [{}, "OS_USERNAME (or OS_USER_ID), OS_PASSWORD, OS_PROJECT_NAME (or OS_PROJECT_ID)"],
    [{ OS_USER_ID: "u1", OS_PASSWORD: "", OS_PROJECT_ID: "p1" }, "OS_PASSWORD"],
    [
      { OS_AUTH_TYPE: "v3password", OS_APPLICATION_CREDENTIAL_ID: "ac1", OS_USER_ID: "u1", OS_PROJECT_ID: "p1" },
      "OS_PASSWORD"
    ],
    [{ OS_APPLICATION_CREDENTIAL_ID: "ac1", OS_PASSWORD: "p" }, "OS_APPLICATION_CREDENTIAL_SECRET"],
    [{ OS_APPLICATION_CREDENTIAL_SECRET: "s3" }, "OS_APPLICATION_CREDENTIAL_ID"],
    [
      { OS_APPLICATION_CREDENTIAL_NAME: "srv", OS_APPLICATION_CREDENTIAL_SECRET: "s3", OS_DEFAULT_DOMAIN: "d" },
      "OS_USERNAME (or OS_USER_ID)"
    ]
  ] as const) {
    it.effect(`with only ${Object.keys(env).join(", ") || "nothing"} set are refused, naming what is missing`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(readCredentials({ ...env }))
        assert(error._tag === "CredentialsMissing")
        assert.strictEqual(error.variables.join(", "), missing)
      })
    )
  }

  it.effect("are refused where OS_AUTH_TYPE names a way that the server does not have", () =>
    Effect.gen(function* () {
      const env: NodeJS.ProcessEnv = {
        OS_AUTH_TYPE: "v3token",
        OS_USER_ID: "u1",
        OS_PASSWORD: "p",
        OS_PROJECT_ID: "p1"
      }
      const error = yield* Effect.flip(readCredentials(env))
      assert.strictEqual(error._tag, "AuthTypeUnknown")
      assert.isUndefined(env.OS_PASSWORD)
    })
  )

  it.effect("leave no secret in the environment, also when something is missing, and nothing else is removed", () =>
    Effect.gen(function* () {
      const secrets = { OS_PASSWORD: "pa ss", OS_APPLICATION_CREDENTIAL_SECRET: "s3" }
      const complete = { OS_USER_ID: "u1", OS_PROJECT_ID: "p1", OS_APPLICATION_CREDENTIAL_ID: "ac1", PATH: "/bin" }
      const env: NodeJS.ProcessEnv = { ...secrets, ...complete }
      yield* readCredentials(env)
      assert.deepEqual(env, complete)
      const incomplete: NodeJS.ProcessEnv = { ...secrets, OS_APPLICATION_CREDENTIAL_NAME: "srv" }
      yield* Effect.flip(readCredentials(incomplete))
      assert.deepEqual(incomplete, { OS_APPLICATION_CREDENTIAL_NAME: "srv" })
    })
  )

  it.effect("do not show their secrets when they are printed", () =>
    Effect.gen(function* () {
      for (const env of [
        { OS_USER_ID: "u1", OS_PASSWORD: "hush-hush", OS_PROJECT_ID: "p1" },
        { OS_APPLICATION_CREDENTIAL_ID: "ac1", OS_APPLICATION_CREDENTIAL_SECRET: "hush-hush" }
      ]) {
        const credentials = yield* readCredentials(env)
        for (const shown of [JSON.stringify(credentials), inspect(credentials, { depth: 9 })]) {
          assert.notInclude(shown, "hush-hush")
        }
        const secret = credentials.method === "password" ? credentials.password : credentials.secret
        assert.strictEqual(Redacted.value(secret), "hush-hush")
      }
    })
  )
})
