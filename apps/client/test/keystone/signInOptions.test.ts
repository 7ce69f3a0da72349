import { assert, describe, it } from "vitest"
import { InvalidOption, UnexpectedAnswer } from "../../src/index.ts"
import { type SignInOptions, signIn } from "../../src/keystone/index.ts"
import { failure } from "../badServer.ts"
import { nowhere } from "./support/folders.ts"
import {
  CREDENTIAL,
  databaseAt,
  endpoint,
  identityServer,
  OLD_TOKEN,
  PASSWORD,
  PROJECT,
  SECRET
} from "./support/identityServer.ts"
import { CATALOG, password, refusedOption, signInAt } from "./support/signing.ts"

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
