import { AccountId, BackupCatalog } from "@backup-catalog/core"
import { Effect, Redacted } from "effect"
import { assert, describe, it } from "vitest"
import { createClient, InvalidOption, Unauthorized, UnexpectedAnswer } from "../../src/index.ts"
import { KeystoneSession, layer, type SignInOptions, signIn, signInEffect } from "../../src/keystone/index.ts"
import { badServer, failure, listOf, sendJson } from "../badServer.ts"
import { nowhere } from "./support/folders.ts"
import {
  CREDENTIAL,
  databaseAt,
  endpoint,
  identityServer,
  OLD_TOKEN,
  PASSWORD,
  PROJECT,
  SECRET,
  USER
} from "./support/identityServer.ts"

const CATALOG = "http://127.0.0.1:8779"

const password = { username: "alice", password: PASSWORD, projectName: "shop" }

const signInAt = (options: SignInOptions) => signIn(options, nowhere)

const refusedOption = async (options: SignInOptions): Promise<string> => {
  const error = await failure(signInAt(options))
  assert.instanceOf(error, InvalidOption)
  return `${error.option}: ${error.message}`
}

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

describe("the address of Keystone", () => {
  for (const [end, path] of [
    ["", "/v3/auth/tokens"],
    ["/", "/v3/auth/tokens"],
    ["/v3", "/v3/auth/tokens"],
    ["/v3/", "/v3/auth/tokens"],
    ["/identity", "/identity/v3/auth/tokens"],
    ["/identity/v3/", "/identity/v3/auth/tokens"]
  ]) {
    it(`may end with ${end === "" ? "its host" : end}`, async () => {
      await using keystone = await identityServer(databaseAt(CATALOG))
      await signInAt({ authUrl: new URL(`${keystone.url}${end}`), ...password })
      assert.deepEqual(
        keystone.requests.map(({ url }) => url),
        [path]
      )
    })
  }

  for (const [what, authUrl, sentence] of [
    ["an old version", "http://127.0.0.1:1/v2.0", "must not end with the version 2.0, which Keystone no longer has"],
    ["an old version with a slash", "http://127.0.0.1:1/v2.0/", "must not end with the version 2.0"],
    ["a password in it", "http://alice:hunter2@127.0.0.1:1/v3", "must not contain a user name or password"],
    ["a query", "http://127.0.0.1:1/v3?x=hunter2", "must end with its path, without ? or #"],
    ["another protocol", "ftp://hunter2/v3", "must be a complete address that begins with http:// or https://"],
    ["no protocol", "hunter2:5000/v3", "must be a complete address that begins with http:// or https://"]
  ] as const) {
    it(`is refused, and not repeated, with ${what}`, async () => {
      const message = await refusedOption({ authUrl, ...password })
      assert.include(message, `authUrl: The option authUrl ${sentence}`)
      assert.notInclude(message, "hunter2")
    })
  }
})

describe("the options", () => {
  const authUrl = "http://127.0.0.1:1"

  it("are refused when one is unknown, no text, or has no meaning", async () => {
    assert.match(
      await refusedOption({ authUrl, ...password, ...{ projectname: "shop" } }),
      /^projectname: The option projectname is not known; known are cloud authUrl authType username /
    )
    assert.strictEqual(
      await refusedOption({ authUrl, ...password, ...{ projectId: 1234 as unknown as string } }),
      "projectId: The option projectId must be a text."
    )
    assert.strictEqual(
      await refusedOption({ authUrl, ...password, authType: "v3oidcpassword" }),
      "authType: The option authType must be one of password v3password v3applicationcredential token v3token."
    )
    assert.strictEqual(
      await refusedOption({ authUrl, ...password, interface: "external" }),
      "interface: The option interface must be public, internal or admin."
    )
    assert.strictEqual(
      await refusedOption({ authUrl, ...password, timeout: -1 }),
      `timeout: The option timeout must be a number of milliseconds above 0, or a text such as "10 seconds".`
    )
    assert.strictEqual(
      await refusedOption({ authUrl, ...password, retries: 0.5 }),
      "retries: The option retries must be a whole number, 0 or more."
    )
  })

  it("are refused in one sentence that names all that is missing", async () => {
    assert.strictEqual(
      await refusedOption({ authUrl }),
      "username: The options cannot be used to sign in by password: username or userId, and password, and projectName or projectId must be set."
    )
    assert.strictEqual(
      await refusedOption({ authUrl, ...password, password: "" }),
      "password: The options cannot be used to sign in by password: password must be set."
    )
    assert.strictEqual(
      await refusedOption({ authUrl, applicationCredentialId: CREDENTIAL }),
      "applicationCredentialSecret: The options cannot be used to sign in by application credential: applicationCredentialSecret must be set."
    )
    assert.strictEqual(
      await refusedOption({ authUrl, applicationCredentialName: "nightly", applicationCredentialSecret: SECRET }),
      "username: The options cannot be used to sign in by application credential: username or userId must be set."
    )
    assert.strictEqual(
      await refusedOption({ authUrl, token: OLD_TOKEN }),
      "projectName: The options cannot be used to sign in by token: projectName or projectId must be set."
    )
  })

  it("are all that counts when they have an address: no variable is mixed in", async () => {
    const env = { OS_PASSWORD: PASSWORD, OS_USERNAME: "alice", OS_PROJECT_NAME: "shop", OS_CLOUD: "shop" }
    const error = await failure(signIn({ authUrl, username: "alice", projectName: "shop" }, { ...nowhere, env }))
    assert.instanceOf(error, InvalidOption)
    assert.strictEqual(error.option, "password")
  })
})

describe("the address of the catalog", () => {
  const urlFor = async (
    endpoints: ReadonlyArray<Readonly<Record<string, unknown>>>,
    options: SignInOptions = {}
  ): Promise<string> => {
    await using keystone = await identityServer([
      { type: "identity", endpoints: [endpoint("http://127.0.0.1:5000")] },
      { type: "database", endpoints }
    ])
    return (await signInAt({ authUrl: keystone.url, ...password, ...options })).url
  }
  const failing = async (...args: Parameters<typeof urlFor>): Promise<string> => {
    const error = await failure(urlFor(...args))
    assert.instanceOf(error, InvalidOption)
    return `${error.option}: ${error.message}`
  }
  const of = (host: string, members: Readonly<Record<string, unknown>> = {}) =>
    endpoint(`http://${host}/v1.0/${PROJECT}`, members)
  const one = of("one")
  const two = of("two", { region: "RegionTwo", region_id: "RegionTwo" })

  it("is that of the region and the interface that are asked for", async () => {
    const inside = of("inside", { interface: "internal" })
    assert.strictEqual(await urlFor([inside, one]), "http://one")
    assert.strictEqual(await urlFor([inside, one], { interface: "internal" }), "http://inside")
    assert.strictEqual(await urlFor([inside, one], { interface: "internalURL" }), "http://inside")
    assert.strictEqual(await urlFor([one, two], { region: "RegionTwo" }), "http://two")
  })

  it("may have a base path and a slash at its end, and be there twice", async () => {
    assert.strictEqual(await urlFor([of("h/trove"), endpoint(`http://h/trove/v1.0/${PROJECT}/`)]), "http://h/trove")
  })

  it("may be of an old Keystone, whose endpoints have no region_id", async () => {
    const { region_id: _, ...old } = two
    assert.strictEqual(await urlFor([one, old], { region: "RegionTwo" }), "http://two")
  })

  it("is not guessed where there are several regions, or none of what was asked for", async () => {
    assert.strictEqual(
      await failing([one, two]),
      "region: The option region must be set, since the service database is in more than one region: RegionOne, RegionTwo."
    )
    assert.strictEqual(
      await failing([one, two], { region: "regionone" }),
      "region: The option region must be one that the service database has: RegionOne, RegionTwo; it is not in regionone."
    )
    assert.strictEqual(
      await failing([one], { interface: "admin" }),
      "interface: The option interface must be one that the service database has: public; it has no admin one."
    )
    assert.match(
      await failing([one], { serviceType: "rds" }),
      /^serviceType: The option serviceType must be one of the services that Keystone at \S+ knows: identity, database; it has none of the type rds\.$/
    )
    assert.strictEqual(
      await failing([one, of("other")]),
      "endpointOverride: The option endpointOverride must be set, since the service database has more than one address."
    )
  })

  it("must end with the version and the project", async () => {
    for (const url of ["http://h", "http://h/v1.0", "http://h/v1.0/1234"]) {
      const error = await failure(urlFor([endpoint(url)]))
      assert.instanceOf(error, UnexpectedAnswer)
      assert.include(
        error.message,
        `knows an address of the service database that cannot be used: it must end with /v1.0/${PROJECT}, but is ${url}; ` +
          "correct it there, or set the option endpointOverride."
      )
    }
  })

  it("is refused with what is wrong with it, and not quoted, where there may be a secret in it", async () => {
    for (const [url, reason] of [
      [`hunter2/v1.0/${PROJECT}`, "must be a complete address that begins with http:// or https://"],
      [`alice:hunter2@h/v1.0/${PROJECT}`, "must be a complete address that begins with http:// or https://"],
      [`http://alice:hunter2@h/v1.0/${PROJECT}`, "must not contain a user name or password"],
      [`http://alice:hunter2@h`, "must not contain a user name or password"],
      [`http://h/v1.0/${PROJECT}?key=hunter2`, "must end with its path, without ? or #"]
    ] as const) {
      const error = await failure(urlFor([endpoint(url)]))
      assert.instanceOf(error, UnexpectedAnswer)
      assert.include(
        error.message,
        `knows an address of the service database that cannot be used: it ${reason}; correct`
      )
      assert.notInclude(error.message, "hunter2")
    }
  })

  it("can be set, with the version and the project or without, and then Keystone is not asked for its services", async () => {
    await using keystone = await identityServer()
    for (const end of [
      "",
      "/",
      `/v1.0/${PROJECT}`,
      `/v1.0/${PROJECT}/`,
      "/v1.0/%(project_id)s",
      "/v1.0/$(tenant_id)s"
    ]) {
      const endpointOverride = `https://backups.example.com/db${end}`
      const { url } = await signInAt({ authUrl: keystone.url, ...password, endpointOverride })
      assert.strictEqual(url, "https://backups.example.com/db")
    }
    assert.deepEqual(new Set(keystone.requests.map(({ url }) => url)), new Set(["/v3/auth/tokens?nocatalog"]))
  })

  it("is refused when it is set to that of another project or version, or is none", async () => {
    assert.strictEqual(
      await failing([], { endpointOverride: "http://h/v1.0/1234" }),
      `endpointOverride: The option endpointOverride must end with /v1.0/${PROJECT}, the project that was signed in to, or before /v1.0.`
    )
    assert.include(await failing([], { endpointOverride: "http://h/v1.0" }), "must end with /v1.0/")
    assert.include(await failing([], { endpointOverride: "backups" }), "must be a complete address")
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
