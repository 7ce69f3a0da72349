import { assert, describe, it } from "vitest"
import { InvalidOption, Unauthorized } from "../../src/index.ts"
import { type SignInOptions, signIn } from "../../src/keystone/index.ts"
import { failure } from "../badServer.ts"
import { type Folders, folders } from "./support/folders.ts"
import {
  CREDENTIAL,
  databaseAt,
  endpoint,
  identityServer,
  PASSWORD,
  PROJECT,
  SECRET
} from "./support/identityServer.ts"

const CATALOG = "http://127.0.0.1:8779"

type Variables = Readonly<Record<string, string | undefined>>

const yamlPassword = `'${PASSWORD.replaceAll("'", "''")}'`

const shop = (authUrl: string, more = ""): string => `
clouds:
  shop:
    auth:
      auth_url: ${authUrl}
      username: alice
      password: ${yamlPassword}
      project_name: shop
      user_domain_name: Default
      project_domain_id: default
${more}`

const refused = async (machine: Folders, options: SignInOptions, env: Variables = {}): Promise<string> => {
  const error = await failure(signIn(options, machine.at(env)))
  assert.instanceOf(error, InvalidOption)
  return error.message.replaceAll(machine.root, "")
}

describe("a cloud of clouds.yaml", () => {
  for (const [place, env] of [
    ["cwd/clouds.yaml", {}],
    ["cwd/clouds.yml", {}],
    ["home/.config/openstack/clouds.yaml", {}],
    ["xdg/openstack/clouds.yaml", { XDG_CONFIG_HOME: "ROOT/xdg" }],
    ["etc/clouds.yaml", { XDG_CONFIG_HOME: "ROOT/xdg" }],
    ["elsewhere.yaml", { OS_CLIENT_CONFIG_FILE: "ROOT/elsewhere.yaml" }]
  ] as const) {
    const variables = Object.entries(env).map(([name, value]) => ` with ${name}=${value}`)
    it(`is found in ${place}${variables.join("")}`, async () => {
      await using machine = await folders()
      await using keystone = await identityServer(databaseAt(CATALOG))
      await machine.write(place, shop(keystone.url))
      const inRoot = Object.entries(env).map(([name, value]) => [name, value.replace("ROOT", machine.root)])
      const session = await signIn({ cloud: "shop" }, machine.at(Object.fromEntries(inRoot)))
      assert.deepEqual([session.url, String(session.account)], [CATALOG, PROJECT])
    })
  }

  it("is looked for in the first file that there is, and in no other", async () => {
    await using machine = await folders()
    const authUrl = "http://127.0.0.1:1"
    const others = ["home/.config/openstack/clouds.yaml", "etc/clouds.yaml"]
    for (const path of others) await machine.write(path, shop(authUrl))
    const first = await machine.write("cwd/clouds.yaml", "clouds: {bank: {}, test: {}}")
    assert.strictEqual(
      await refused(machine, { cloud: "shop" }),
      "There is no cloud shop in /cwd/clouds.yaml, which has bank, test."
    )
    const xdg = await machine.write("xdg/openstack/clouds.yaml", "clouds:")
    assert.strictEqual(
      await refused(machine, { cloud: "shop" }, { OS_CLIENT_CONFIG_FILE: xdg }),
      "There is no cloud shop in /xdg/openstack/clouds.yaml, which has none at all."
    )
    assert.include(first, machine.root)
  })

  it("may be JSON, and written with hyphens and outside of auth", async () => {
    await using machine = await folders()
    await using keystone = await identityServer(databaseAt(CATALOG))
    const cloud = {
      auth: { "auth-url": keystone.url, username: "alice", password: PASSWORD, domain_id: "default" },
      "project-name": "shop"
    }
    await machine.write("cwd/clouds.json", JSON.stringify({ clouds: { shop: cloud } }))
    await signIn({ cloud: "shop" }, machine.at())
    assert.lengthOf(keystone.tokens, 1)
  })

  it("is chosen by OS_CLOUD, or is the only one; then a region and an interface may be chosen by variables", async () => {
    await using machine = await folders()
    const databases = [
      endpoint(`http://one/v1.0/${PROJECT}`),
      endpoint(`http://two/v1.0/${PROJECT}`, { region: "RegionTwo", region_id: "RegionTwo", interface: "internal" })
    ]
    await using keystone = await identityServer([{ type: "database", endpoints: databases }])
    const path = await machine.write("cwd/clouds.yaml", shop(keystone.url, "    region_name: RegionOne"))
    const urlOf = async (env: Variables, options: SignInOptions = {}) => (await signIn(options, machine.at(env))).url
    assert.strictEqual(await urlOf({}), "http://one")
    assert.strictEqual(await urlOf({ OS_CLOUD: "shop" }), "http://one")
    const inTwo = { OS_REGION_NAME: "RegionTwo", OS_INTERFACE: "internal" }
    assert.strictEqual(await urlOf({ OS_CLOUD: "shop", ...inTwo }), "http://two")
    assert.strictEqual(await urlOf(inTwo), "http://two")
    assert.strictEqual(await urlOf(inTwo, { cloud: "shop" }), "http://one")
    assert.strictEqual(await urlOf({ OS_CLOUD: "other" }, { cloud: "shop" }), "http://one")
    await machine.write("cwd/clouds.yaml", `${shop(keystone.url)}\n  bank: {}`)
    assert.strictEqual(
      await refused(machine, {}),
      "Nothing says where to sign in: set OS_CLOUD to a cloud of a clouds.yaml, or OS_AUTH_URL and the others; /cwd/clouds.yaml has shop, bank."
    )
    assert.include(path, machine.root)
  })

  it("is not mixed with the variables that say who signs in, and gives way to options", async () => {
    await using machine = await folders()
    await using keystone = await identityServer(databaseAt(CATALOG))
    await machine.write("cwd/clouds.yaml", shop(keystone.url).replace(yamlPassword, "forgotten"))
    const env = { OS_CLOUD: "shop", OS_PASSWORD: PASSWORD, OS_AUTH_URL: "http://127.0.0.1:1" }
    const error = await failure(signIn({}, machine.at(env)))
    assert.instanceOf(error, Unauthorized)
    assert.strictEqual(
      error.message,
      `Keystone at ${keystone.url}/v3 refused the sign-in with the cloud shop of ${machine.root}/cwd/clouds.yaml: ` +
        "the user, the password or the project is wrong."
    )
    await signIn({ password: PASSWORD }, machine.at(env))
    assert.lengthOf(keystone.tokens, 1)
  })

  it("counts before the variables only when it is named", async () => {
    await using machine = await folders()
    await using keystone = await identityServer(databaseAt(CATALOG))
    await machine.write("cwd/clouds.yaml", shop("http://127.0.0.1:1"))
    const env = { OS_AUTH_URL: keystone.url, OS_USERNAME: "alice", OS_PASSWORD: PASSWORD, OS_PROJECT_NAME: "shop" }
    await signIn({}, machine.at(env))
    assert.lengthOf(keystone.tokens, 1)
  })

  it("may have an application credential", async () => {
    await using machine = await folders()
    await using keystone = await identityServer(databaseAt(CATALOG))
    await machine.write(
      "cwd/clouds.yaml",
      `clouds:
  nightly:
    auth_type: v3applicationcredential
    identity_api_version: 3
    auth:
      auth_url: ${keystone.url}/v3
      application_credential_id: ${CREDENTIAL}
      application_credential_secret: ${SECRET}
    database_endpoint_override: http://mine/v1.0/%(project_id)s
    interface: internal`
    )
    assert.strictEqual((await signIn({}, machine.at())).url, "http://mine")
  })

  it("may not name another project than that of its application credential", async () => {
    await using machine = await folders()
    await using keystone = await identityServer(databaseAt(CATALOG))
    const path = await machine.write(
      "cwd/clouds.yaml",
      `clouds:
  nightly:
    auth_type: v3applicationcredential
    auth:
      auth_url: ${keystone.url}/v3
      application_credential_id: ${CREDENTIAL}
      application_credential_secret: ${SECRET}
      project_name: bank`
    )
    const error = await failure(signIn({}, machine.at()))
    assert.instanceOf(error, InvalidOption)
    assert.match(
      error.message,
      new RegExp(`^The key auth.project_name of the cloud nightly in ${path} must be the project of the application `)
    )
  })

  it("keeps a text that looks like a number as it is written", async () => {
    await using machine = await folders()
    await using keystone = await identityServer(databaseAt(CATALOG))
    await machine.write("cwd/clouds.yaml", shop(keystone.url).replace(yamlPassword, "0123").replace("alice", "1e3"))
    assert.instanceOf(await failure(signIn({}, machine.at())), Unauthorized)
    assert.include(
      JSON.stringify(keystone.requests[0]?.body),
      `{"name":"1e3","domain":{"name":"Default"},"password":"0123"}`
    )
  })

  it("may be put together with anchors and merge keys, and leave things null", async () => {
    await using machine = await folders()
    await using keystone = await identityServer(databaseAt(CATALOG))
    await machine.write(
      "cwd/clouds.yaml",
      `x-common: &common
  auth_url: ${keystone.url}
  project_name: shop
clouds:
  shop:
    profile: ~
    region_name: null
    regions:
    auth:
      <<: *common
      username: alice
      user_id: ~
      password: ${yamlPassword}`
    )
    await signIn({ cloud: "shop" }, machine.at())
    assert.lengthOf(keystone.tokens, 1)
  })
})

describe("beside clouds.yaml", () => {
  const withoutPassword = (authUrl: string) => shop(authUrl).replace(/ +password: .*\n/, "")
  const secure = `clouds:\n  shop:\n    auth:\n      password: ${yamlPassword}\n`

  it("secure.yaml adds secrets, from the same folder or from where a variable says", async () => {
    await using machine = await folders()
    await using keystone = await identityServer(databaseAt(CATALOG))
    await machine.write("cwd/clouds.yaml", withoutPassword(keystone.url))
    await machine.write("home/.config/openstack/secure.yaml", secure)
    assert.strictEqual(
      await refused(machine, { cloud: "shop" }),
      "The cloud shop of /cwd/clouds.yaml cannot be used to sign in by password: clouds.shop.auth.password must be set."
    )
    const OS_CLIENT_SECURE_FILE = await machine.write("elsewhere.yaml", secure)
    await signIn({ cloud: "shop" }, machine.at({ OS_CLIENT_SECURE_FILE }))
    await machine.write("cwd/secure.yaml", secure)
    await signIn({ cloud: "shop" }, machine.at())
    assert.lengthOf(keystone.tokens, 2)
  })

  it("clouds-public.yaml has profiles, there or for all users, and the cloud counts before them", async () => {
    await using machine = await folders()
    await using keystone = await identityServer(databaseAt(CATALOG))
    const profile = (authUrl: string) =>
      `public-clouds:\n  provider:\n    auth: {auth_url: "${authUrl}", username: bob}\n    interface: internal\n`
    const cloud = shop("").replace(/ +auth_url: .*\n/, "")
    await machine.write("cwd/clouds.yaml", `${cloud}    profile: provider\n    interface: public\n`)
    assert.strictEqual(
      await refused(machine, {}),
      "The key profile of the cloud shop in /cwd/clouds.yaml names no profile of a clouds-public.yaml beside it or in " +
        "/etc/openstack; write the auth_url into the cloud instead."
    )
    await machine.write("etc/clouds-public.yaml", profile(keystone.url))
    await signIn({}, machine.at())
    await machine.write("cwd/clouds-public.yaml", profile("http://127.0.0.1:1/v2.0"))
    assert.include(await refused(machine, {}), "must not end with the version 2.0")
    assert.lengthOf(keystone.tokens, 1)
  })
})

describe("the regions of a cloud", () => {
  const regions = `
    regions:
      - RegionOne
      - name: RegionTwo
        values:
          auth: {project_name: other}
`

  it("may be a list, with values of their own: the first is meant, unless another is chosen", async () => {
    await using machine = await folders()
    const databases = [
      endpoint(`http://one/v1.0/${PROJECT}`),
      endpoint(`http://two/v1.0/${PROJECT}`, { region: "RegionTwo", region_id: "RegionTwo" })
    ]
    await using keystone = await identityServer([{ type: "database", endpoints: databases }])
    await machine.write("cwd/clouds.yaml", shop(keystone.url, regions))
    assert.strictEqual((await signIn({}, machine.at())).url, "http://one")
    assert.instanceOf(await failure(signIn({ region: "RegionTwo" }, machine.at())), Unauthorized)
    assert.include(JSON.stringify(keystone.requests[1]?.body), '"project":{"name":"other"')
    const two = { region: "RegionTwo", projectName: "shop" }
    assert.strictEqual((await signIn(two, machine.at())).url, "http://two")
    assert.strictEqual(
      await refused(machine, { region: "RegionThree" }),
      "The key regions of the cloud shop in /cwd/clouds.yaml has no region RegionThree; it has RegionOne, RegionTwo."
    )
  })

  it("fill the place that an address has for them", async () => {
    await using machine = await folders()
    await using keystone = await identityServer(databaseAt(CATALOG))
    const authUrl = `"${keystone.url.replace("127", "{region_name}")}"`
    await machine.write("cwd/clouds.yaml", shop(authUrl, "    endpoint_type: publicURL\n"))
    const error = await failure(signIn({ region: "127" }, machine.at()))
    assert.instanceOf(error, InvalidOption)
    assert.include(error.message, "it is not in 127")
    assert.lengthOf(keystone.tokens, 1)
  })
})

describe("a file that cannot be used is named, with the line where that is known, and never quoted", () => {
  for (const [what, content, sentence] of [
    ["no YAML", "clouds:\n  shop:\n    password: hunter2: hunter2", "is not valid YAML at line 3."],
    ["a list that does not end", "clouds: [hunter2\n", "is not valid YAML at line 2."],
    ["a key twice", "clouds: {}\nclouds: {hunter2: {}}", "is not valid YAML at line 2."],
    ["an alias without its anchor", "clouds: *hunter2", "has a YAML alias (*…) that leads nowhere."],
    ["a text alone", "hunter2", "must hold a mapping of keys to values."],
    ["clouds in a list", "clouds: [hunter2]", "must have a mapping of names as its clouds."],
    ["a cloud that is a text", "clouds:\n  shop: hunter2", "must have a mapping as clouds.shop."]
  ] as const) {
    it(`because it has ${what}`, async () => {
      await using machine = await folders()
      await machine.write("cwd/clouds.yaml", content)
      assert.strictEqual(await refused(machine, { cloud: "shop" }), `/cwd/clouds.yaml ${sentence}`)
    })
  }

  it("because a value is no single text", async () => {
    await using machine = await folders()
    const at = (key: string) => `The key ${key} of the cloud shop in /cwd/clouds.yaml`
    await machine.write("cwd/clouds.yaml", shop("[http://hunter2]"))
    assert.strictEqual(await refused(machine, {}), `${at("auth.auth_url")} must be a single text.`)
    await machine.write("cwd/clouds.yaml", shop("http://127.0.0.1:1", "    interface: [hunter2]"))
    assert.strictEqual(await refused(machine, {}), `${at("interface")} must be a single text.`)
    await machine.write("cwd/clouds.yaml", shop("http://127.0.0.1:1", "    regions: hunter2"))
    assert.strictEqual(await refused(machine, {}), `${at("regions")} must be a list of names.`)
    await machine.write("cwd/clouds.yaml", shop("http://127.0.0.1:1", "    auth_type: hunter2"))
    assert.match(await refused(machine, {}), /^The key auth_type of the cloud shop in .* must be one of password /)
    await machine.write("cwd/clouds.yaml", shop("http://127.0.0.1:1", "    identity_api_version: 2"))
    assert.include(await refused(machine, {}), `${at("identity_api_version")} must be 3`)
    await machine.write("cwd/clouds.yaml", shop("http://127.0.0.1:1", "    cacert: ca.pem"))
    assert.include(await refused(machine, {}), `${at("cacert")} comes too late for Node`)
  })

  it("because it is no file, too large, or not there although it was named", async () => {
    await using machine = await folders()
    await machine.write("cwd/clouds.yaml/file", "")
    assert.strictEqual(await refused(machine, { cloud: "shop" }), "/cwd/clouds.yaml is not a regular file.")
    const large = await machine.write("large.yaml", " ".repeat(2 ** 20 + 1))
    assert.strictEqual(
      await refused(machine, { cloud: "shop" }, { OS_CLIENT_CONFIG_FILE: large }),
      "/large.yaml is larger than 1048576 bytes."
    )
    for (const variable of ["OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE"]) {
      const env = {
        OS_CLIENT_CONFIG_FILE: await machine.write("good.yaml", "clouds:"),
        [variable]: `${machine.root}/none`
      }
      assert.strictEqual(
        await refused(machine, { cloud: "shop" }, env),
        `/none does not exist, but ${variable} names it.`
      )
    }
  })

  it("because there is none at all: the folders are named", async () => {
    await using machine = await folders()
    assert.strictEqual(
      await refused(machine, {}, { OS_CLOUD: "shop", XDG_CONFIG_HOME: `${machine.root}/xdg` }),
      "There is no clouds.yaml to find the cloud shop in; looked for one in /cwd, /xdg/openstack, /home/.config/openstack, /etc."
    )
    // The XDG specification says that a relative path is to be ignored.
    assert.include(
      await refused(machine, {}, { OS_CLOUD: "shop", XDG_CONFIG_HOME: "xdg" }),
      "in /cwd, /home/.config/openstack, /etc."
    )
  })
})
