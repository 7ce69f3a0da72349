import { AccountId, BackupCatalog } from "@backup-catalog/core"
import { Effect, Redacted } from "effect"
import { assert, describe, it } from "vitest"
import { createClient, Unauthorized, UnexpectedAnswer } from "../../src/index.ts"
import { KeystoneSession, layer, type SignInOptions, signIn, signInEffect } from "../../src/keystone/index.ts"
import { badServer, failure, listOf, sendJson } from "../badServer.ts"
import { nowhere } from "./support/folders.ts"
import {
  CREDENTIAL,
  databaseAt,
  identityServer,
  OLD_TOKEN,
  PASSWORD,
  PROJECT,
  SECRET,
  USER
} from "./support/identityServer.ts"
import { CATALOG, password, refusedOption, signInAt } from "./support/signing.ts"

describe("signing in", () => {
  it("gives what the client needs: the catalog's address, the project as account, and a token", async () => {
    await using catalog = await badServer(sendJson(200, listOf(["a"])))
    await using keystone = await identityServer(databaseAt(catalog.url))
    const session = await signInAt({ authUrl: keystone.url, ...password })
    assert.strictEqual(session.url, catalog.url)
    assert.strictEqual(session.account, AccountId.make(PROJECT))
    assert.strictEqual(Redacted.value(await session.token()), keystone.tokens[0])
    const backups = await createClient(session.clientOptions).backups.list().toArray({ max: 5 })
    assert.deepEqual(
      backups.map(({ id }) => id),
      ["a"]
    )
    assert.deepEqual(
      catalog.seen.map(({ url, headers }) => [url, headers["x-auth-token"]]),
      [[`/v1.0/${PROJECT}/backups`, keystone.tokens[0]]]
    )
    assert.lengthOf(keystone.requests, 1)
  })

  it("works with Effect: as a session, and as a layer of the catalog and the session", async () => {
    await using catalog = await badServer(sendJson(200, listOf(["a"])))
    await using keystone = await identityServer(databaseAt(catalog.url))
    const options = { authUrl: keystone.url, ...password }
    const session = await Effect.runPromise(signInEffect(options, nowhere))
    assert.strictEqual(Redacted.value(await Effect.runPromise(session.currentToken)), keystone.tokens[0])
    const program = Effect.gen(function* () {
      const { account } = yield* KeystoneSession
      const { backups } = yield* (yield* BackupCatalog).list(account, {}, {})
      return backups.map(({ id }) => String(id))
    })
    assert.deepEqual(await Effect.runPromise(Effect.provide(program, layer(options, nowhere))), ["a"])
    assert.strictEqual(catalog.seen[0]?.headers["x-auth-token"], keystone.tokens[1])
  })

  it("ends at once when its signal is aborted, with the signal's reason", async () => {
    await using keystone = await identityServer(databaseAt(CATALOG))
    const stop = new AbortController()
    keystone.answerNext(() => stop.abort(new Error("enough")))
    const signedIn = signIn({ authUrl: keystone.url, ...password }, { ...nowhere, signal: stop.signal })
    assert.strictEqual(String(await failure(signedIn)), "Error: enough")
  })
})

describe("what is sent", () => {
  const sent = async (options: SignInOptions): Promise<unknown> => {
    await using keystone = await identityServer(databaseAt(CATALOG))
    await signInAt({ authUrl: keystone.url, ...options })
    assert.lengthOf(keystone.requests, 1)
    return keystone.requests[0]?.body
  }
  const byDefault = { id: "default" }

  it("by password: the user and the project by name, in the default domain", async () => {
    assert.deepEqual(await sent(password), {
      auth: {
        identity: {
          methods: ["password"],
          password: { user: { name: "alice", domain: byDefault, password: PASSWORD } }
        },
        scope: { project: { name: "shop", domain: byDefault } }
      }
    })
  })

  it("by password: the user and the project by id, where a domain says nothing", async () => {
    const ids = { userId: USER, projectId: PROJECT, password: Redacted.make(PASSWORD), userDomainName: "Elsewhere" }
    assert.deepEqual(await sent({ ...ids, projectName: "another" }), {
      auth: {
        identity: { methods: ["password"], password: { user: { id: USER, password: PASSWORD } } },
        scope: { project: { id: PROJECT } }
      }
    })
  })

  for (const [what, domains] of [
    ["by name", { userDomainName: "Default", projectDomainName: "Default" }],
    ["by id", { userDomainId: "default", projectDomainId: "default", userDomainName: "Elsewhere" }],
    ["one of them for both", { defaultDomainName: "Default" }],
    ["one for what has none of its own", { defaultDomainId: "default", projectDomainName: "Default" }]
  ] as const) {
    it(`by password: the domains ${what}`, async () => {
      await sent({ ...password, ...domains })
    })
  }

  it("by password: a domain of its own for each of user and project", async () => {
    await using keystone = await identityServer(databaseAt(CATALOG))
    const domains = { userDomainName: "People", projectDomainId: "p1", defaultDomainId: "neither" }
    const error = await failure(signInAt({ authUrl: keystone.url, ...password, ...domains }))
    assert.instanceOf(error, Unauthorized)
    assert.deepEqual(keystone.requests[0]?.body, {
      auth: {
        identity: {
          methods: ["password"],
          password: { user: { name: "alice", domain: { name: "People" }, password: PASSWORD } }
        },
        scope: { project: { name: "shop", domain: { id: "p1" } } }
      }
    })
  })

  it("by an application credential: its id and secret, and no project", async () => {
    const options = { applicationCredentialId: CREDENTIAL, applicationCredentialSecret: SECRET, projectName: "shop" }
    assert.deepEqual(await sent(options), {
      auth: {
        identity: { methods: ["application_credential"], application_credential: { id: CREDENTIAL, secret: SECRET } }
      }
    })
  })

  it("by an application credential: its name, its user and secret", async () => {
    const options = { applicationCredentialName: "nightly", applicationCredentialSecret: SECRET, username: "alice" }
    assert.deepEqual(await sent(options), {
      auth: {
        identity: {
          methods: ["application_credential"],
          application_credential: { name: "nightly", user: { name: "alice", domain: byDefault }, secret: SECRET }
        }
      }
    })
  })

  it("by a token: the token, in the body and not as a header, and the project", async () => {
    assert.deepEqual(await sent({ token: OLD_TOKEN, projectName: "shop" }), {
      auth: {
        identity: { methods: ["token"], token: { id: OLD_TOKEN } },
        scope: { project: { name: "shop", domain: byDefault } }
      }
    })
  })

  it("of several: the password, else the application credential, else the token, unless authType says otherwise", async () => {
    const all = {
      ...password,
      token: OLD_TOKEN,
      applicationCredentialId: CREDENTIAL,
      applicationCredentialSecret: SECRET
    }
    const methodOf = async (options: SignInOptions) =>
      JSON.stringify(await sent(options)).match(/"methods":\["(\w+)"\]/)?.[1]
    assert.strictEqual(await methodOf(all), "password")
    assert.strictEqual(await methodOf({ ...all, username: "" }), "application_credential")
    assert.strictEqual(await methodOf({ ...all, password: "" }), "application_credential")
    assert.strictEqual(await methodOf({ ...all, password: "", applicationCredentialId: "" }), "token")
    assert.strictEqual(await methodOf({ ...all, authType: "v3password" }), "password")
    assert.strictEqual(await methodOf({ ...all, authType: "password" }), "password")
    assert.strictEqual(await methodOf({ ...all, authType: "v3token" }), "token")
    assert.strictEqual(await methodOf({ ...all, authType: "token" }), "token")
    assert.strictEqual(await methodOf({ ...all, authType: "v3applicationcredential" }), "application_credential")
  })
})

describe("the project that is asked for", () => {
  const credential = { applicationCredentialId: CREDENTIAL, applicationCredentialSecret: SECRET }

  it("may be that of the application credential, by id or by name in its domain", async () => {
    await using keystone = await identityServer(databaseAt(CATALOG))
    for (const asked of [
      { projectId: PROJECT },
      { projectId: PROJECT, projectName: "other" },
      { projectName: "shop" },
      { projectName: "shop", projectDomainName: "default" },
      { projectName: "shop", defaultDomainId: "default" }
    ]) {
      assert.strictEqual((await signInAt({ authUrl: keystone.url, ...credential, ...asked })).account, PROJECT)
    }
  })

  it("is not another than that of the application credential, which Keystone would not say", async () => {
    await using keystone = await identityServer(databaseAt(CATALOG))
    for (const [setting, asked] of [
      ["projectId", { projectId: "bank" }],
      ["projectId", { projectId: "bank", projectName: "shop" }],
      ["projectId", { projectId: PROJECT.toUpperCase() }],
      ["projectName", { projectName: "bank" }],
      ["projectName", { projectName: "shop", projectDomainName: "Shops" }],
      ["projectName", { projectName: "shop", defaultDomainId: "shops" }]
    ] as const) {
      assert.strictEqual(
        await refusedOption({ authUrl: keystone.url, ...credential, ...asked }),
        `${setting}: The option ${setting} must be the project of the application credential, shop of the domain Default ` +
          `(${PROJECT}), which is good for no other; leave it out, or sign in in another way.`
      )
    }
  })

  it("is that of the token, by whatever way it came", async () => {
    await using keystone = await identityServer(databaseAt(CATALOG))
    keystone.issuing.project = { id: "bank", name: "bank", domain: { id: "default", name: "Default" } }
    for (const [setting, options] of [
      ["projectName", password],
      ["projectId", { ...password, projectName: "", projectId: PROJECT }],
      ["projectName", { token: OLD_TOKEN, projectName: "shop" }],
      ["projectId", { token: OLD_TOKEN, projectId: PROJECT }]
    ] as const) {
      const error = await failure(signInAt({ authUrl: keystone.url, ...options }))
      assert.instanceOf(error, UnexpectedAnswer)
      assert.strictEqual(
        error.message,
        `Keystone at ${keystone.url}/v3 gave a token of the project bank of the domain Default (bank), which is not the one that the option ${setting} asks for.`
      )
    }
  })
})

describe("what Keystone refuses", () => {
  it("is Unauthorized, which says what may be wrong and where the credentials came from", async () => {
    await using keystone = await identityServer(databaseAt(CATALOG))
    const at = `Keystone at ${keystone.url}/v3 refused the sign-in with the options: `
    for (const [options, sentence] of [
      [{ ...password, password: "wrong" }, "the user, the password or the project is wrong."],
      [
        { applicationCredentialId: CREDENTIAL, applicationCredentialSecret: "wrong" },
        "the application credential is mistyped, expired or deleted."
      ],
      [
        { token: "gAAAwrong", projectName: "shop" },
        "the token is mistyped, expired or revoked, or not good for the project."
      ]
    ] as const) {
      const error = await failure(signInAt({ authUrl: keystone.url, ...options }))
      assert.instanceOf(error, Unauthorized)
      assert.strictEqual(error.message, at + sentence)
      assert.strictEqual(error.details, "The request you have made requires authentication.")
      assert.strictEqual(error.requestId, "req-1")
    }
    assert.lengthOf(keystone.requests, 3)
  })
})
