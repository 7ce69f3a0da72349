import { randomBytes } from "node:crypto"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Administration, applicationCredential } from "./Administration.ts"
import { load, startCatalog } from "./Catalog.ts"
import { type Person, signIn } from "./identity.ts"
import { bootstrapKeystone, prepareKeystone, startKeystone } from "./Keystone.ts"
import { bank, lab, shop } from "./records.ts"

/** A small cloud: a Keystone with projects and people, and our server as its service `database`. */
export interface Cloud {
  /** Where everything of this run is. */
  readonly folder: string
  /** Everything that servers of ours wrote. */
  readonly logs: string
  readonly keystone: { readonly url: string; readonly folder: string }
  readonly catalog: { readonly url: string; readonly pid: number; readonly store: string }
  /** The ids of the projects. */
  readonly projects: { readonly shop: string; readonly bank: string; readonly lab: string }
  readonly people: {
    /** Reader in `shop`. */
    readonly reader: Person
    /** Member of `shop`. */
    readonly member: Person
    /** Admin of `shop`. */
    readonly admin: Person
    /** Member of `bank`. */
    readonly banker: Person
    /** Member of `lab`. */
    readonly tester: Person
    /** Has a role in `shop`, but none that the server knows. */
    readonly stranger: Person
  }
  /** The variables of the server's own credentials, in both forms. */
  readonly credentials: {
    readonly applicationCredential: Record<string, string>
    readonly password: Record<string, string>
  }
}

const person = (name: string, project: string): Person => ({
  name,
  project,
  password: `password-${randomBytes(16).toString("hex")}`
})

const cloudsYaml = (keystone: string, { name, password, project }: Person) => `clouds:
  shop:
    region_name: RegionOne
    # Keystone is late now and then on a machine that has too much to do; then the server says to try again.
    database_status_code_retries: 5
    auth:
      auth_url: ${keystone}
      username: ${name}
      password: ${password}
      project_name: ${project}
      user_domain_name: Default
      project_domain_name: Default
`

/** Builds the cloud in a folder; the second part takes it down. */
export const buildCloud = async (folder: string): Promise<readonly [cloud: Cloud, stop: () => Promise<void>]> => {
  const keystoneFolder = join(folder, "keystone")
  const logs = join(folder, "logs")
  for (const one of [keystoneFolder, logs, join(folder, "home")]) await mkdir(one)

  await prepareKeystone(keystoneFolder)
  const keystone = await startKeystone(keystoneFolder)
  const root = person("admin", "admin")
  await bootstrapKeystone(keystoneFolder, keystone.url, root.password)
  const administration = new Administration(keystone.url, await signIn(keystone.url, root))

  const shopId = await administration.project("shop")
  const bankId = await administration.project("bank")
  const labId = await administration.project("lab")
  const serviceId = await administration.project("service")
  const service = person("catalog", "service")
  const people = {
    reader: person("rita", "shop"),
    member: person("max", "shop"),
    admin: person("ada", "shop"),
    banker: person("bea", "bank"),
    tester: person("lea", "lab"),
    stranger: person("otto", "shop")
  }
  await administration.user(service, serviceId, "service")
  await administration.user(people.reader, shopId, "reader")
  await administration.user(people.member, shopId, "member")
  await administration.user(people.admin, shopId, "admin")
  await administration.user(people.banker, bankId, "member")
  await administration.user(people.tester, labId, "member")
  await administration.user(people.stranger, shopId, "guest")
  const credential = await applicationCredential(keystone.url, service)
  const credentials = {
    applicationCredential: {
      OS_APPLICATION_CREDENTIAL_ID: credential.id,
      OS_APPLICATION_CREDENTIAL_SECRET: credential.secret
    },
    password: {
      OS_USERNAME: service.name,
      OS_PASSWORD: service.password,
      OS_PROJECT_NAME: service.project,
      OS_USER_DOMAIN_NAME: "Default",
      OS_PROJECT_DOMAIN_NAME: "Default"
    }
  }

  const store = join(folder, "catalog.sqlite")
  await load(store, shopId, Object.values(shop), folder)
  await load(store, bankId, bank, folder)
  await load(store, labId, Object.values(lab), folder)
  const catalog = await startCatalog({
    keystone: keystone.url,
    credentials: credentials.applicationCredential,
    store,
    logs: join(logs, "main")
  })
  await administration.databaseEndpoint(`${catalog.url}/v1.0/%(project_id)s`)
  await writeFile(join(folder, "clouds.yaml"), cloudsYaml(keystone.url, people.member), { mode: 0o600 })

  const cloud: Cloud = {
    folder,
    logs,
    keystone: { url: keystone.url, folder: keystoneFolder },
    catalog: { url: catalog.url, pid: catalog.pid, store },
    projects: { shop: shopId, bank: bankId, lab: labId },
    people,
    credentials
  }
  const stop = async () => {
    await catalog.stop()
    await keystone.kill()
  }
  return [cloud, stop]
}
