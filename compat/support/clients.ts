import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import type { Cloud } from "./Cloud.ts"
import type { Person } from "./identity.ts"
import { type Ended, run, systemEnv } from "./run.ts"

const homeOf = (cloud: Cloud): NodeJS.ProcessEnv => ({
  ...systemEnv,
  HOME: join(cloud.folder, "home"),
  // Tables are as wide as the terminal, which is none here.
  COLUMNS: "1000"
})

/** The OS_* variables by which somebody signs in. */
export const signInVariables = (cloud: Cloud, { name, password, project }: Person): NodeJS.ProcessEnv => ({
  OS_AUTH_URL: cloud.keystone.url,
  OS_USERNAME: name,
  OS_PASSWORD: password,
  OS_PROJECT_NAME: project,
  OS_USER_DOMAIN_NAME: "Default",
  OS_PROJECT_DOMAIN_NAME: "Default",
  OS_REGION_NAME: "RegionOne"
})

/** What somebody has in the shell: these variables, and a home of their own. */
const shellOf = (cloud: Cloud, person: Person): NodeJS.ProcessEnv => ({
  ...homeOf(cloud),
  ...signInVariables(cloud, person),
  OS_IDENTITY_API_VERSION: "3"
})

/** How long a line takes to the log at most, and some more. */
const LOG_DELAY_MS = 500
const PAUSE_MS = 3000
const TRIES = 5

const refusals = async (cloud: Cloud): Promise<number> =>
  (await readFile(join(cloud.logs, "main", "stderr"), "utf8")).split('"status":503').length

/**
 * Runs a command again when the server had to tell it to try again: on a machine that has too much to do, Keystone is
 * late now and then. The commands themselves do not try again, and some do not even say what the server said.
 */
const patiently = async (cloud: Cloud, command: () => Promise<Ended>): Promise<Ended> => {
  for (let tries = 1; ; tries++) {
    const before = await refusals(cloud)
    const ended = await command()
    if (ended.code === 0 || tries === TRIES) return ended
    await setTimeout(LOG_DELAY_MS)
    if ((await refusals(cloud)) === before) return ended
    await setTimeout(PAUSE_MS)
  }
}

/** Whether a command of Debian's packages is there. */
export const installed = (command: string): boolean => existsSync(`/usr/bin/${command}`)

/** Runs `openstack` as somebody. */
export const openstack = (cloud: Cloud, person: Person, ...args: ReadonlyArray<string>): Promise<Ended> =>
  patiently(cloud, () => run("openstack", args, shellOf(cloud, person)))

/** Runs `openstack` with a token, against an address that no catalog of services has. */
export const openstackAt = (
  cloud: Cloud,
  { token, address }: { readonly token: string; readonly address: string },
  ...args: ReadonlyArray<string>
): Promise<Ended> =>
  run("openstack", args, {
    ...homeOf(cloud),
    OS_AUTH_TYPE: "admin_token",
    OS_TOKEN: token,
    OS_ENDPOINT: address
  })

/** Runs an `openstack` command that must succeed, and gives its rows or its members. */
export const openstackJson = async <A>(cloud: Cloud, person: Person, ...args: ReadonlyArray<string>): Promise<A> => {
  const { code, stdout, stderr } = await openstack(cloud, person, ...args, "-f", "json")
  if (code !== 0) throw new Error(`openstack ${args.join(" ")} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout)
}

/** Runs the old `trove` as somebody. */
export const trove = (cloud: Cloud, person: Person, ...args: ReadonlyArray<string>): Promise<Ended> =>
  patiently(cloud, () => run("trove", args, shellOf(cloud, person)))

/**
 * Runs a script of the folder `python` with further variables, and gives what it found out: the JSON that it prints.
 */
export const python = async <A>(cloud: Cloud, script: string, variables: Record<string, string>): Promise<A> => {
  const file = fileURLToPath(new URL(`../python/${script}`, import.meta.url))
  const { code, stdout, stderr } = await run("/usr/bin/python3", [file], { ...homeOf(cloud), ...variables })
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout)
}
