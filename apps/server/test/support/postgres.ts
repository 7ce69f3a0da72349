import { randomUUID } from "node:crypto"
import Pg from "pg"
import { inject } from "vitest"

/** Runs a statement on a connection of its own. */
export const query = async (
  url: string,
  sql: string,
  params: ReadonlyArray<unknown> = []
): Promise<Array<Record<string, unknown>>> => {
  const client = new Pg.Client(url)
  await client.connect()
  try {
    return (await client.query(sql, [...params])).rows
  } finally {
    await client.end()
  }
}

const urlOf = (server: string, name: string): string => {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** Makes an empty database, which is dropped when the test ends; gives its URL. */
export const emptyDatabase = async (
  onEnd: (clean: () => Promise<void>) => void,
  server = inject("postgres"),
  options = ""
): Promise<string> => {
  const name = `catalog_${randomUUID().replaceAll("-", "")}`
  await query(server, `CREATE DATABASE ${name} ${options}`)
  onEnd(async () => void (await query(server, `DROP DATABASE ${name} WITH (FORCE)`)))
  return urlOf(server, name)
}
