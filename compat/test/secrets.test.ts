import { readdir, readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { assert, describe, inject, it, onTestFinished } from "vitest"
import { ask } from "../support/ask.ts"
import { report, startCatalog } from "../support/Catalog.ts"
import { signIn } from "../support/identity.ts"
import { until } from "../support/until.ts"

const cloud = inject("cloud")
const { keystone, catalog, projects, credentials, people } = cloud

// Every token of Keystone's begins like this.
const TOKEN = /gAAAAA[\w-]{8}/

const written = async (): Promise<ReadonlyArray<string>> => {
  const logs = await readdir(cloud.logs, { recursive: true, withFileTypes: true })
  const stores = (await readdir(dirname(catalog.store))).filter((name) => name.includes(".sqlite"))
  return [
    ...logs.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)),
    ...stores.map((name) => join(dirname(catalog.store), name))
  ]
}

const secrets = [
  credentials.applicationCredential.OS_APPLICATION_CREDENTIAL_SECRET,
  credentials.password.OS_PASSWORD,
  ...Object.values(people).map(({ password }) => password)
]

const hasSecret = (text: string): boolean => TOKEN.test(text) || secrets.some((secret = "") => text.includes(secret))

describe("what the servers of the run wrote", () => {
  it("has no password, no secret and no token in it: neither logs nor stores nor diagnostic reports", async () => {
    const logs = join(cloud.logs, "with a password")
    const settings = { keystone: keystone.url, credentials: credentials.password, store: catalog.store, logs }
    const withPassword = await startCatalog(settings)
    onTestFinished(withPassword.stop)
    const { token } = await signIn(keystone.url, people.member)
    const path = `/backups?marker=${token}`
    for (const { url } of [catalog, withPassword]) {
      assert.strictEqual((await ask(url, projects.shop, token)).status, 200)
      assert.strictEqual((await ask(url, projects.shop, token, { path })).status, 400)
    }
    for (const [server, folder, variable] of [
      [catalog, join(cloud.logs, "main"), "OS_APPLICATION_CREDENTIAL_ID"],
      [withPassword, logs, "OS_USERNAME"]
    ] as const) {
      const { environmentVariables } = await report(server.pid, folder)
      assert.property(environmentVariables, variable, "a report tells the environment")
      await until("the request in the log", async () =>
        (await readFile(join(folder, "stderr"), "utf8")).includes('"status":400') ? true : undefined
      )
    }

    const files = await written()
    assert.isAtLeast(files.filter((file) => file.includes("/report.")).length, 2)
    for (const expected of [catalog.store, join(logs, "stderr")]) assert.include(files, expected)
    assert.isTrue(hasSecret(token), "a token is known by its looks")
    const leaking = []
    for (const file of files) if (hasSecret(await readFile(file, "latin1"))) leaking.push(file)
    assert.deepStrictEqual(leaking, [])
  })
})
