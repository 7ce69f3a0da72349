import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { backups, type Env } from "./support/backups.ts"
import { evaluation } from "./support/evaluation.ts"
import { cloudsYaml, type Keystone, PASSWORD, startKeystone } from "./support/keystone.ts"
import { type CatalogServer, record, startCatalog, withServer } from "./support/servers.ts"

const PROJECT = "c19c6355eaaf4c1db3de3de84b21899c"

let catalog: CatalogServer
let keystone: Keystone
/** A home with a clouds.yaml. */
let at: Env
let other: Env
let variables: Env

const folder = mkdtempSync(join(tmpdir(), "backups-cloud-"))
const profile = (name: string, content: object): Env => {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(content), { mode: 0o600 })
  return { ...at, BACKUPS_PROFILE: path }
}

beforeAll(async () => {
  catalog = await startCatalog()
  const { BACKUPS_TOKEN = "" } = await catalog.account(PROJECT, [record({ id: "of-the-cloud" })])
  other = await catalog.account("4321", [record({ id: "of-the-other" })])
  keystone = await startKeystone(PROJECT, BACKUPS_TOKEN, catalog.url)
  mkdirSync(join(folder, ".config/openstack"), { recursive: true })
  writeFileSync(join(folder, ".config/openstack/clouds.yaml"), cloudsYaml(keystone.url))
  at = { HOME: folder }
  variables = {
    ...at,
    OS_AUTH_URL: keystone.url,
    OS_USERNAME: "alice",
    OS_PASSWORD: PASSWORD,
    OS_PROJECT_NAME: "shop",
    OS_USER_DOMAIN_NAME: "Default",
    OS_PROJECT_DOMAIN_NAME: "Default",
    OS_REGION_NAME: "RegionOne"
  }
})
afterAll(async () => {
  keystone.close()
  await catalog.stop()
})

/** The ids of a list, or the exit code and what was said. */
const idsOf = async (env: Env, ...args: ReadonlyArray<string>) => {
  const { code, stdout, stderr } = await backups(["list", "-o", "value", "-c", "id", ...args], env)
  return code === 0 ? stdout.trimEnd() : `${code} ${stderr}`
}

describe("signing in to Keystone", { concurrent: true }, () => {
  it("--os-cloud says where the catalog is, whose backups are meant, and who asks", async () => {
    assert.strictEqual(await idsOf(at, "--os-cloud", "shop"), "of-the-cloud")
  })

  it("--os-cloud wins over the environment and the profile, an option over it", async () => {
    assert.strictEqual(await idsOf({ ...at, ...other, OS_CLOUD: "wrong" }, "--os-cloud", "shop"), "of-the-cloud")
    const { BACKUPS_TOKEN = "" } = other
    assert.strictEqual(
      await idsOf(at, "--os-cloud", "shop", "--account", "4321", "--token", BACKUPS_TOKEN),
      "of-the-other"
    )
    assert.match(await idsOf(at, "--os-cloud", "shop", "--account", "4321"), /^3 /)
    assert.match(await idsOf(at, "--os-cloud", "shop", "--url", "http://127.0.0.1:9"), /^6 /)
  })

  it("without --os-cloud OS_CLOUD counts, before the cloud of the profile, before OS_AUTH_URL", async () => {
    assert.strictEqual(await idsOf({ ...at, OS_CLOUD: "shop" }), "of-the-cloud")
    assert.strictEqual(await idsOf({ ...profile("wrong.json", { cloud: "wrong" }), OS_CLOUD: "shop" }), "of-the-cloud")
    assert.strictEqual(await idsOf(profile("shop.json", { cloud: "shop" })), "of-the-cloud")
    assert.strictEqual(
      await idsOf({ ...variables, ...profile("first.json", { cloud: "shop" }), OS_PASSWORD: "x" }),
      "of-the-cloud"
    )
    assert.strictEqual(await idsOf(variables), "of-the-cloud")
  })

  it("a url or a token that is set elsewhere counts, and nobody is signed in", async () => {
    assert.strictEqual(await idsOf({ ...at, ...other, OS_CLOUD: "shop" }), "of-the-other")
    const whole = { url: catalog.url, account: "4321", token: other.BACKUPS_TOKEN }
    assert.strictEqual(await idsOf({ ...variables, ...profile("whole.json", whole) }), "of-the-other")
    assert.match(
      await idsOf({ ...at, BACKUPS_URL: catalog.url, OS_CLOUD: "shop" }),
      /^2 backups: Missing: account and token\./
    )
  })

  it("what is missing where the cloud of the profile does not count is said with the reason", async () => {
    const kept = profile("kept.json", { cloud: "shop" })
    assert.match(
      await idsOf({ ...kept, BACKUPS_URL: catalog.url }),
      /^2 backups: Missing: account and token\. [^\n]+ The cloud shop of the profile does not count where there is BACKUPS_URL; leave that out, or give --os-cloud shop\./
    )
    assert.match(
      await idsOf({ ...kept, BACKUPS_TOKEN: "t" }),
      /Missing: url and account\. .* does not count where there is BACKUPS_TOKEN;/
    )
    assert.strictEqual(await idsOf({ ...kept, BACKUPS_URL: catalog.url }, "--os-cloud", "shop"), "of-the-cloud")
  })

  it("the region that the environment chooses counts within a cloud, as with the OpenStack tools", async () => {
    assert.match(await idsOf(at, "--os-cloud", "far"), /^6 /)
    assert.strictEqual(await idsOf({ ...at, OS_REGION_NAME: "RegionOne" }, "--os-cloud", "far"), "of-the-cloud")
  })

  it("one sign-in does for a command of many requests, and none for one that needs no catalog", async () => {
    const project = "0123456789abcdef0123456789abcdef"
    const { BACKUPS_TOKEN = "" } = await catalog.account(project, [])
    const theirs = await startKeystone(project, BACKUPS_TOKEN, catalog.url)
    try {
      const env = { ...variables, OS_AUTH_URL: theirs.url }
      const records = join(folder, "records.ndjson")
      writeFileSync(records, ["a", "b", "c"].map((id) => JSON.stringify(record({ id }))).join("\n"))
      const { code, stderr } = await backups(["register", "--from", records], env)
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.strictEqual(theirs.signIns(), 1)
      await backups(["version"], env)
      assert.strictEqual(theirs.signIns(), 1)
    } finally {
      theirs.close()
    }
  })

  it("a token that the catalog refuses is replaced by another sign-in", async () => {
    let requests = 0
    await withServer(
      (_, response) => {
        if (++requests === 1) response.writeHead(401).end()
        else response.setHeader("content-type", "application/json").end('{"backups":[]}')
      },
      async ({ BACKUPS_URL = "" }) => {
        const theirs = await startKeystone(PROJECT, "t", BACKUPS_URL)
        try {
          assert.strictEqual(await idsOf({ ...variables, OS_AUTH_URL: theirs.url }), "")
          assert.deepStrictEqual([theirs.signIns(), requests], [2, 2])
        } finally {
          theirs.close()
        }
      }
    )
  })

  it("what is wrong is one sentence that says where it came from, without a secret", async () => {
    for (const [env, args, expected] of [
      [at, ["--os-cloud", "nowhere"], /^2 backups: There is no cloud nowhere in \S+clouds\.yaml[^\n]+\n$/],
      [at, ["--os-cloud", "wrong"], /^3 backups: [^\n]*the cloud wrong[^\n]*\n$/],
      [{ ...variables, OS_PASSWORD: "guessed" }, [], /^3 backups: [^\n]*environment[^\n]*\n$/],
      [{ ...variables, OS_AUTH_URL: "http://127.0.0.1:9" }, [], /^6 backups: [^\n]*OS_AUTH_URL[^\n]*\n$/],
      [{ ...variables, OS_USERNAME: "" }, [], /^2 backups: [^\n]*OS_USERNAME[^\n]*\n$/],
      [{ HOME: "/nonexistent", OS_CLOUD: "shop" }, [], /^2 backups: There is no clouds\.yaml[^\n]*\n$/]
    ] as const) {
      const said = await idsOf(env, ...args)
      assert.match(said, expected)
      for (const secret of ["guessed", PASSWORD, "\u001b"]) assert.notInclude(said, secret)
    }
  })

  it("is not even evaluated by a command that does not sign in", async () => {
    const signsIn = "X-Subject-Token"
    assert.isFalse((await evaluation(["list"], other))(signsIn))
    assert.isTrue((await evaluation(["list", "--os-cloud", "shop"], { ...other, ...at }))(signsIn))
  })

  it("a profile has either a cloud or the rest", async () => {
    const { code, stderr } = await backups(["list"], profile("both.json", { cloud: "shop", url: catalog.url }))
    assert.strictEqual(code, 2)
    assert.include(stderr, "it may have either cloud, or url, account and a token")
  })
})

describe("lists across accounts", { concurrent: true }, () => {
  it("have the account of each record, for the role admin", async () => {
    const admin = await catalog.account("operators", [record({ id: "own" })], "admin")
    const all = JSON.parse((await backups(["list", "--all-projects", "-o", "json"], admin)).stdout)
    const owners = all.map(({ id, project_id }: Record<string, string>) => `${id} ${project_id}`)
    for (const known of ["own operators", "of-the-other 4321"]) assert.include(owners, known)
    assert.strictEqual(await idsOf(admin), "own")

    assert.strictEqual(await idsOf(admin, "--project-id", "4321"), "of-the-other")
    const table = (await backups(["list", "--project-id", "4321"], admin)).stdout
    assert.match(table, /^NAME .* PROJECT_ID .*\n.* 4321 /)
    const limited = await backups(["list", "--all-projects", "--limit", "1", "-o", "csv"], admin)
    assert.strictEqual(limited.stdout.split("\n")[0]?.split(",").at(-1), "project_id")
    assert.include(limited.stderr, "more exist")
  })

  it("are refused to others, and in two ways at once", async () => {
    assert.match(await idsOf(other, "--all-projects"), /^3 backups: This takes the role admin/)
    assert.match(await idsOf(other, "--all-projects", "--project-id", "1"), /^2 .*exclude each other/)
    assert.match(await idsOf(other, "--project-id", "a/b"), /^2 backups: The account from --project-id must/)
  })
})
