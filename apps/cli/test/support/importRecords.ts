import type { Env } from "./backups.ts"

/** Imports all records of a source, as any client of the API does: those that it had before are retired. */
export const importRecords = async (env: Env, source: string, records: ReadonlyArray<object>): Promise<void> => {
  const query = new URLSearchParams({ source, mode: "snapshot", allow_empty: "true" })
  const response = await fetch(`${env.BACKUPS_URL}/v1.0/${env.BACKUPS_ACCOUNT}/imports?${query}`, {
    method: "POST",
    headers: { "X-Auth-Token": env.BACKUPS_TOKEN ?? "", "Content-Type": "application/x-ndjson" },
    body: records.map((record) => JSON.stringify(record)).join("\n")
  })
  const answer = await response.text()
  if (!response.ok || !answer.includes('"rejected":0')) throw new Error(`${response.status}: ${answer}`)
}
