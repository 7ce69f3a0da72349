import { assert, describe, it } from "vitest"
import { InvalidOption, Unauthorized } from "../../src/index.ts"
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
  SECRET,
  USER
} from "./support/identityServer.ts"

const CATALOG = "http://127.0.0.1:8779"

type Variables = Readonly<Record<string, string | undefined>>

const signInFrom = (env: Variables, options: SignInOptions = {}) => signIn(options, { ...nowhere, env })

/** Signs in to a server of its own, which the address among the variables is that of; gives what it was sent. */
const sent = async (variables: Variables, options: SignInOptions = {}): Promise<unknown> => {
  await using keystone = await identityServer(databaseAt(CATALOG))
  const { url } = await signInFrom({ OS_AUTH_URL: `${keystone.url}/v3`, ...variables }, options)
  assert.strictEqual(url, CATALOG)
  return keystone.requests[0]?.body
}

const refused = async (variables: Variables, options: SignInOptions = {}): Promise<string> => {
  const error = await failure(signInFrom({ OS_AUTH_URL: "http://127.0.0.1:1/v3", ...variables }, options))
  assert.instanceOf(error, InvalidOption)
  return `${error.option}: ${error.message}`
}

const alice = { OS_USERNAME: "alice", OS_PASSWORD: PASSWORD, OS_PROJECT_NAME: "shop" }

describe("the environment", () => {
  for (const [what, variables] of [
    [
      "a password, with everything that an openrc file sets",
      {
        ...alice,
        OS_AUTH_TYPE: "password",
        OS_IDENTITY_API_VERSION: "3",
        OS_USER_DOMAIN_NAME: "Default",
        OS_PROJECT_DOMAIN_ID: "default",
        OS_PROJECT_ID: PROJECT,
        OS_REGION_NAME: "RegionOne",
        OS_INTERFACE: "public"
      }
    ],
    ["a password and ids", { OS_USER_ID: USER, OS_PASSWORD: PASSWORD, OS_PROJECT_ID: PROJECT }],
    ["a password, with the old name of a project", { ...alice, OS_PROJECT_NAME: "", OS_TENANT_NAME: "shop" }],
    ["a password, with the old name of a project's id", { ...alice, OS_PROJECT_NAME: "", OS_TENANT_ID: PROJECT }],
    ["a password, with the old name of the interface", { ...alice, OS_ENDPOINT_TYPE: "publicURL" }],
    ["a password and OS_DEFAULT_DOMAIN", { ...alice, OS_DEFAULT_DOMAIN: "default" }],
    ["a password and OS_DEFAULT_DOMAIN_ID", { ...alice, OS_DEFAULT_DOMAIN_ID: "default", OS_DEFAULT_DOMAIN: "other" }],
    ["a password and OS_DEFAULT_DOMAIN_NAME", { ...alice, OS_DEFAULT_DOMAIN_NAME: "Default" }],
    [
      "an application credential",
      {
        OS_AUTH_TYPE: "v3applicationcredential",
        OS_APPLICATION_CREDENTIAL_ID: CREDENTIAL,
        OS_APPLICATION_CREDENTIAL_SECRET: SECRET
      }
    ],
    [
      "an application credential by name",
      {
        OS_APPLICATION_CREDENTIAL_NAME: "nightly",
        OS_APPLICATION_CREDENTIAL_SECRET: SECRET,
        OS_USERNAME: "alice",
        OS_USER_DOMAIN_NAME: "Default"
      }
    ],
    ["a token", { OS_AUTH_TYPE: "v3token", OS_TOKEN: OLD_TOKEN, OS_PROJECT_ID: PROJECT }]
  ] as const) {
    it(`signs in by ${what}`, async () => {
      await sent(variables)
    })
  }

  const leftOver = { OS_APPLICATION_CREDENTIAL_ID: CREDENTIAL, OS_APPLICATION_CREDENTIAL_SECRET: SECRET }
  const methodOf = async (...given: Parameters<typeof sent>) =>
    JSON.stringify(await sent(...given)).match(/"methods":\["(\w+)"\]/)?.[1]

  it("signs in by its password, whatever application credential or token was left in it", async () => {
    assert.strictEqual(await methodOf({ ...alice, ...leftOver, OS_TOKEN: OLD_TOKEN }), "password")
  })

  it("signs in by its application credential where a password was left in it without a user", async () => {
    assert.strictEqual(await methodOf({ ...leftOver, OS_PASSWORD: PASSWORD }), "application_credential")
  })

  it("gives way to another way to sign in that options are enough for", async () => {
    assert.strictEqual(await methodOf({ ...alice, ...leftOver }, { token: OLD_TOKEN }), "token")
    const credential = { applicationCredentialId: CREDENTIAL, applicationCredentialSecret: SECRET }
    assert.strictEqual(await methodOf({ ...alice, OS_TOKEN: OLD_TOKEN }, credential), "application_credential")
  })

  it("names another project than that of its application credential: that is refused", async () => {
    await using keystone = await identityServer(databaseAt(CATALOG))
    for (const variable of ["OS_PROJECT_ID", "OS_TENANT_ID", "OS_PROJECT_NAME", "OS_TENANT_NAME"]) {
      const error = await failure(signInFrom({ OS_AUTH_URL: keystone.url, ...leftOver, [variable]: "bank" }))
      assert.instanceOf(error, InvalidOption)
      assert.strictEqual(error.option, variable)
      assert.match(error.message, new RegExp(`^${variable} must be the project of the application credential, shop `))
    }
  })

  it("counts in its domains: the default one where user and project have none of their own", async () => {
    await using keystone = await identityServer()
    const variables = { ...alice, OS_AUTH_URL: keystone.url, OS_DEFAULT_DOMAIN: "d1", OS_PROJECT_DOMAIN_NAME: "Shops" }
    assert.instanceOf(await failure(signInFrom(variables)), Unauthorized)
    assert.deepEqual(keystone.requests[0]?.body, {
      auth: {
        identity: {
          methods: ["password"],
          password: { user: { name: "alice", domain: { id: "d1" }, password: PASSWORD } }
        },
        scope: { project: { name: "shop", domain: { name: "Shops" } } }
      }
    })
  })

  it("gives way to options", async () => {
    await sent({ ...alice, OS_PASSWORD: "old" }, { password: PASSWORD })
    assert.match(await refused(alice, { interface: "external" }), /^interface: The option interface must be/)
  })

  it("counts an empty variable as not set", async () => {
    await sent({ ...alice, OS_TOKEN: "", OS_AUTH_TYPE: "", OS_CLOUD: "", OS_USER_DOMAIN_ID: "", OS_CACERT: "" })
  })

  it("chooses the region, the interface and the address of the catalog", async () => {
    const database = (members: Readonly<Record<string, unknown>>, host: string) =>
      endpoint(`http://${host}/v1.0/${PROJECT}`, members)
    await using keystone = await identityServer([
      {
        type: "database",
        endpoints: [
          database({}, "one"),
          database({ interface: "internal" }, "inside"),
          database({ region: "RegionTwo", region_id: "RegionTwo" }, "two")
        ]
      }
    ])
    const urlFor = async (variables: Variables) =>
      (await signInFrom({ OS_AUTH_URL: keystone.url, ...alice, ...variables })).url
    assert.strictEqual(await urlFor({ OS_REGION_NAME: "RegionTwo" }), "http://two")
    assert.strictEqual(await urlFor({ OS_INTERFACE: "internal", OS_ENDPOINT_TYPE: "public" }), "http://inside")
    assert.strictEqual(await urlFor({ OS_DATABASE_ENDPOINT_OVERRIDE: "http://mine" }), "http://mine")
  })

  it("means the id of a region where an endpoint has another name for it, too", async () => {
    const address = endpoint(`http://one/v1.0/${PROJECT}`, { region: "Region of old", region_id: "RegionOne" })
    await using keystone = await identityServer([{ type: "database", endpoints: [address] }])
    const { url } = await signInFrom({ OS_AUTH_URL: keystone.url, ...alice, OS_REGION_NAME: "RegionOne" })
    assert.strictEqual(url, "http://one")
  })

  it("is refused in a sentence that names the variable at fault", async () => {
    assert.strictEqual(
      await refused({ ...alice, OS_AUTH_TYPE: "v2password" }),
      "OS_AUTH_TYPE: OS_AUTH_TYPE must be one of password v3password v3applicationcredential token v3token."
    )
    assert.strictEqual(
      await refused({ ...alice, OS_AUTH_URL: "http://127.0.0.1:1/v2.0" }),
      "OS_AUTH_URL: OS_AUTH_URL must not end with the version 2.0, which Keystone no longer has: end it with /v3, or before the version."
    )
    assert.strictEqual(
      await refused({ ...alice, OS_AUTH_URL: "" }),
      "OS_AUTH_URL: OS_AUTH_URL is missing: the address of Keystone, such as https://keystone.example.com:5000/v3."
    )
    assert.strictEqual(
      await refused({ ...alice, OS_IDENTITY_API_VERSION: "2.0" }),
      "OS_IDENTITY_API_VERSION: OS_IDENTITY_API_VERSION must be 3: there is no other version of Keystone left."
    )
    assert.strictEqual(
      await refused({ ...alice, OS_ENDPOINT_TYPE: "external" }),
      "OS_ENDPOINT_TYPE: OS_ENDPOINT_TYPE must be public, internal or admin."
    )
    assert.strictEqual(
      await refused({ OS_USERNAME: "alice", OS_TENANT_NAME: "shop" }),
      "OS_PASSWORD: The environment cannot be used to sign in by password: OS_PASSWORD must be set."
    )
    assert.strictEqual(
      await refused({ OS_AUTH_TYPE: "v3applicationcredential" }),
      "OS_APPLICATION_CREDENTIAL_ID: The environment cannot be used to sign in by application credential: " +
        "OS_APPLICATION_CREDENTIAL_ID or OS_APPLICATION_CREDENTIAL_NAME, and OS_APPLICATION_CREDENTIAL_SECRET must be set."
    )
  })

  it("cannot bring certificates after Node has started, and may name those that it started with", async () => {
    assert.strictEqual(
      await refused({ ...alice, OS_CACERT: "/etc/ssl/ca.pem" }),
      "OS_CACERT: OS_CACERT comes too late for Node, which reads certificates at its start: set NODE_EXTRA_CA_CERTS to the same file before."
    )
    await sent({ ...alice, OS_CACERT: "/etc/ssl/ca.pem", NODE_EXTRA_CA_CERTS: "/etc/ssl/ca.pem" })
  })

  it("that says nothing of signing in is an error that says what to set", async () => {
    const error = await failure(signInFrom({ OS_REGION_NAME: "RegionOne", OS_INTERFACE: "public", HOME: "/root" }))
    assert.instanceOf(error, InvalidOption)
    assert.strictEqual(
      error.message,
      "Nothing says where to sign in: set OS_CLOUD to a cloud of a clouds.yaml, or OS_AUTH_URL and the others."
    )
  })
})
