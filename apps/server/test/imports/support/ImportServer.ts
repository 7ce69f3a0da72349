import { gzipSync } from "node:zlib"
import { eventually } from "../../../../../testing/eventually.ts"
import type { ServerSettings } from "../../../src/startServer.ts"
import { prepare, start } from "../../support/server.ts"
import { emptyStore, type TestStore } from "../../support/TestStore.ts"

/** The account whose member the server is asked by. */
export const ACCOUNT = "1234"

const tokens = {
  member: { account: ACCOUNT },
  reader: { account: ACCOUNT, role: "reader" },
  other: { account: "99" }
} as const

/** Who asks: a member or a reader of the account, or a member of another one. */
export type Caller = keyof typeof tokens

/** An answer, with its body read as JSON where it has one. */
export interface Asked {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: what it holds is what the tests are about
  readonly body: any
}

/** How a server is asked, beyond the method and the target. */
export interface Asking {
  readonly by?: Caller
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** A record as one line of an import has it; members that are undefined are left out. */
export const record = (id: string, members: object = {}): Record<string, unknown> => ({
  id,
  name: `name of ${id}`,
  status: "COMPLETED",
  created: "2026-01-02T03:04:05.123456Z",
  updated: "2026-01-02T03:05:05.5Z",
  size: 0.5,
  instance_id: "db-1",
  ...members
})

/** Records, and texts that are none, as lines. */
export const lines = (...some: ReadonlyArray<string | object>): string =>
  some.map((one) => `${typeof one === "string" ? one : JSON.stringify(one)}\n`).join("")

/** The line with which an import tells nothing but an id. */
export const broken = (id: string): object => ({ ...record(id), status: "BROKEN" })

export const NDJSON = "application/x-ndjson"

/** A running server with a store of its own, asked over HTTP. */
export class ImportServer {
  constructor(
    readonly url: string,
    readonly kept: TestStore,
    readonly stop: () => Promise<void>
  ) {}

  async ask(method: string, target: string, { by = "member", headers = {}, body }: Asking = {}): Promise<Asked> {
    const account = tokens[by].account
    const answer = await fetch(`${this.url}/v1.0/${account}${target}`, {
      method,
      headers: { "X-Auth-Token": by, ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : new Uint8Array(body) })
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, body: text === "" ? undefined : JSON.parse(text) }
  }

  get(target: string, by?: Caller): Promise<Asked> {
    return this.ask("GET", target, by === undefined ? {} : { by })
  }

  import(query: string, body: string | Buffer, asking: Asking = {}): Promise<Asked> {
    return this.ask("POST", `/imports?${query}`, {
      body,
      ...asking,
      headers: { "Content-Type": NDJSON, ...asking.headers }
    })
  }

  importGzip(query: string, body: string): Promise<Asked> {
    return this.import(query, gzipSync(body), { headers: { "Content-Encoding": "gzip" } })
  }

  /** A snapshot of the source pg that must succeed. */
  async snapshot(...some: ReadonlyArray<string | object>): Promise<Asked["body"]> {
    return this.imported("source=pg&mode=snapshot", ...some)
  }

  /** An import that must succeed. */
  async imported(query: string, ...some: ReadonlyArray<string | object>): Promise<Asked["body"]> {
    const { status, text, body } = await this.import(query, lines(...some))
    if (status !== 200) throw new Error(`the import was answered ${status} ${text}`)
    return body.import
  }

  put(id: string, members: object = {}): Promise<Asked> {
    const { id: _, ...rest } = record(id, members)
    return this.ask("PUT", `/backups/${encodeURIComponent(id)}`, {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ backup: rest })
    })
  }

  delete(id: string): Promise<Asked> {
    return this.ask("DELETE", `/backups/${encodeURIComponent(id)}`)
  }

  /** The ids of the list, sorted. */
  async ids(query = ""): Promise<ReadonlyArray<string>> {
    const { body } = await this.get(`/backups${query}`)
    return body.backups.map(({ id }: { id: string }) => id).sort()
  }

  /** The ids of what was retired, sorted. */
  async retired(): Promise<ReadonlyArray<string>> {
    const { body } = await this.get("/backups?include=retired")
    return body.backups.flatMap((one: { id: string; retired_at?: string }) => (one.retired_at ? [one.id] : [])).sort()
  }

  async history(id: string): Promise<Asked["body"]> {
    return (await this.get(`/backups/${encodeURIComponent(id)}/history`)).body
  }

  /** What happened to a backup, oldest first. */
  async events(id: string): Promise<ReadonlyArray<string>> {
    return (await this.history(id)).history.map(({ event }: { event: string }) => event).reverse()
  }

  async coverage(query = ""): Promise<ReadonlyArray<Asked["body"]>> {
    return (await this.get(`/coverage${query}`)).body.coverage
  }

  /** The newest import of the account. */
  async last(): Promise<Asked["body"]> {
    return (await this.get("/imports?limit=1")).body.imports[0]
  }

  /** Waits until the newest import of the account, which may have to be of a source, stands so. */
  untilLast(status: string, source?: string): Promise<Asked["body"]> {
    return eventually(`the newest import is ${status}`, async (see) => {
      const last = see(await this.last())
      return last?.status === status && (source ?? last.source) === last.source && last
    })
  }

  /** All that the store holds, table by table. */
  contents(tables?: ReadonlyArray<string>): Promise<Readonly<Record<string, ReadonlyArray<unknown>>>> {
    return this.kept.contents(tables)
  }

  /** Changes the store behind the server's back, as another process would. */
  change(sql: string): Promise<void> {
    return this.kept.change(sql)
  }
}

/** Starts a server with an empty store; everything ends with the test. */
export const startImportServer = async (
  onEnd: (clean: () => Promise<void>) => void,
  settings: Partial<Omit<ServerSettings, "store">> = {}
): Promise<ImportServer> => {
  const cleanings: Array<() => unknown> = []
  const kept = await emptyStore((clean) => cleanings.push(clean))
  const store = kept.address
  await prepare(store, {}, tokens)
  // Every list fits in one page, unless a limit is given.
  const [url, stop] = await start({ store, pages: { pageSize: 100_000, maxPageSize: 100_000 }, ...settings })
  let stopped: Promise<void> | undefined
  const stopOnce = () => (stopped ??= stop())
  cleanings.unshift(stopOnce)
  onEnd(async () => {
    for (const clean of cleanings) await clean()
  })
  return new ImportServer(url, kept, stopOnce)
}
