import { once } from "node:events"
import { readFileSync } from "node:fs"
import { get } from "node:http"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import type { Env } from "./backups.ts"
import type { record } from "./servers.ts"

/** The path of a sample of what a backup tool left. */
export const samplePath = (path: string): string =>
  fileURLToPath(new URL(`../../../../packages/sources/test/fixtures/${path}`, import.meta.url))

/** A sample that is JSON. */
export const sampleJson = (path: string) => JSON.parse(readFileSync(samplePath(path), "utf8"))

interface Answer {
  readonly backups: ReadonlyArray<ReturnType<typeof record>>
  readonly imports: ReadonlyArray<Readonly<Record<"id" | "mode" | "status", string>> & { readonly retired: number }>
}

/** What the catalog itself answers to a question about the account of some settings. */
export const ask = async ({ BACKUPS_URL, BACKUPS_ACCOUNT, BACKUPS_TOKEN = "" }: Env, path: string): Promise<Answer> => {
  // A connection of its own: one that was kept may be closed just when it is to be used again.
  const headers = { "X-Auth-Token": BACKUPS_TOKEN }
  const request = get(`${BACKUPS_URL}/v1.0/${BACKUPS_ACCOUNT}/${path}`, { agent: false, headers })
  const [answer] = await once(request, "response")
  const body = await text(answer)
  if (answer.statusCode !== 200) throw new Error(`${path} was answered with ${answer.statusCode}: ${body}`)
  return JSON.parse(body)
}

/** The names of all backups that are listed, in order. */
export const listed = async (env: Env): Promise<ReadonlyArray<string>> => {
  const { backups } = await ask(env, "backups?limit=1000")
  return backups.map(({ name }) => name).sort()
}
