import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import { applicationCredential } from "../support/Administration.ts"
import { builtBackups } from "../support/backups.ts"
import { type Catalog, startCatalog } from "../support/Catalog.ts"
import { signInVariables } from "../support/clients.ts"
import type { Person } from "../support/identity.ts"
import { bank, shop } from "../support/records.ts"
import { run } from "../support/run.ts"

const cloud = inject("cloud")
const { keystone, catalog, projects, people, credentials } = cloud

const variables = (person: Person) => signInVariables(cloud, person)

const ids = (records: ReadonlyArray<{ readonly id: string }>) => records.map(({ id }) => id)

describe("the program backups, signed in at Keystone", () => {
  const home = join(cloud.folder, "home")
  const clouds = { OS_CLIENT_CONFIG_FILE: join(cloud.folder, "clouds.yaml") }
  const backups = (env: NodeJS.ProcessEnv, ...args: ReadonlyArray<string>) =>
    builtBackups({ HOME: home, ...env }, ...args)

  const lists = async (expected: ReadonlyArray<string>, env: NodeJS.ProcessEnv, ...args: ReadonlyArray<string>) =>
    assert.deepStrictEqual(await backups(env, "list", ...args, "-o", "value", "-c", "id"), {
      code: 0,
      stdout: expected.map((id) => `${id}\n`).join(""),
      stderr: ""
    })

  const ofShop = ids(Object.values(shop))

  it("lists the project of a password", async () => {
    await lists(ofShop, variables(people.reader))
    await lists(ids(bank), variables(people.banker))
  })

  it("lists the project of an application credential", async () => {
    const { id, secret } = await applicationCredential(keystone.url, people.member)
    await lists(ofShop, {
      OS_AUTH_URL: keystone.url,
      OS_APPLICATION_CREDENTIAL_ID: id,
      OS_APPLICATION_CREDENTIAL_SECRET: secret
    })
  })

  it("lists the project of a cloud, by an option, a variable, and after a login", async () => {
    await lists(ofShop, clouds, "--os-cloud", "shop")
    await lists(ofShop, { ...clouds, OS_CLOUD: "shop" })
    const login = await backups(clouds, "login", "--os-cloud", "shop")
    assert.strictEqual(login.code, 0, login.stderr)
    await lists(ofShop, clouds)
    assert.strictEqual((await backups(clouds, "logout", "--all")).code, 0)
  })

  it("lists all projects for an administrator", async () => {
    const env = variables(people.admin)
    await lists(ids(bank), env, "--project-id", projects.bank)
    await lists([shop.failed.id], env, "--all-projects", "--status", "failed")
  })

  // What is refused is said in one sentence, without a secret.
  it.each<[what: string, env: NodeJS.ProcessEnv, args: ReadonlyArray<string>, code: number, says: RegExp]>([
    [
      "a wrong password",
      { OS_PASSWORD: "not-this-one" },
      ["list"],
      3,
      /the user, the password or the project is wrong/
    ],
    ["a project of others", { OS_PROJECT_NAME: "bank" }, ["list"], 3, /the user, the password or the project is wrong/],
    ["no project", { OS_PROJECT_NAME: "" }, ["list"], 2, /OS_PROJECT_NAME or OS_PROJECT_ID must be set/],
    [
      "a region without a catalog",
      { OS_REGION_NAME: "RegionTwo" },
      ["list"],
      2,
      /that the service database has: RegionOne/
    ],
    ["an address without Keystone", { OS_AUTH_URL: catalog.url }, ["list"], 1, /there is no Keystone of version 3/],
    [
      "other projects to a member",
      {},
      ["list", "--all-projects"],
      3,
      /takes the role admin; the token has the role member/
    ],
    [
      "no role of ours",
      { OS_USERNAME: people.stranger.name, OS_PASSWORD: people.stranger.password },
      ["list"],
      3,
      /none of the roles admin, member and reader/
    ],
    [
      "a reader who deletes",
      { OS_USERNAME: people.reader.name, OS_PASSWORD: people.reader.password },
      ["delete", shop.ledger.id, "--yes"],
      3,
      /the role member or admin; the token has the role reader/
    ]
  ])("refuses %s in a sentence", async (_, env, args, code, says) => {
    const ended = await backups({ ...variables(people.member), ...env }, ...args)
    assert.deepStrictEqual([ended.code, ended.stdout], [code, ""], ended.stderr)
    const said = ended.stderr.split("\n").filter((line) => line.startsWith("backups: "))
    assert.strictEqual(said.length, 1, ended.stderr)
    assert.match(said[0] ?? "", says)
    for (const secret of ["not-this-one", ...Object.values(people).map(({ password }) => password)]) {
      assert.notInclude(ended.stderr, secret)
    }
  })
})

describe("the client package, signed in at Keystone", () => {
  // It asks Keystone about every request, so that a token is worth nothing once it is revoked.
  let asking: Catalog

  beforeAll(async () => {
    asking = await startCatalog({
      keystone: keystone.url,
      credentials: credentials.applicationCredential,
      store: catalog.store,
      logs: join(cloud.logs, "asking"),
      flags: ["--rate-limit", "0", "--keystone-timeout", "2s", "--token-cache", "0s"]
    })
  })
  afterAll(() => asking?.stop())

  it("walks all pages of its project, also when its token is revoked on the way", async () => {
    const script = fileURLToPath(new URL("../node/walk.mjs", import.meta.url))
    const { code, stdout, stderr } = await run(process.execPath, [script], {
      PATH: process.env.PATH,
      ...variables(people.banker),
      OS_DATABASE_ENDPOINT_OVERRIDE: asking.url
    })
    assert.strictEqual(code, 0, stderr)
    assert.deepStrictEqual(JSON.parse(stdout), {
      account: projects.bank,
      url: asking.url,
      renewed: true,
      ids: ids(bank)
    })
  })
})
