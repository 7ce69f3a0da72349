import { Data, Effect, Option, Redacted } from "effect"
import type { PostgresAddress } from "./postgres/PostgresLimits.ts"

const SQLITE = "sqlite:"

/** Where a store is: a file of SQLite, or a database of PostgreSQL. */
export type StoreAddress =
  | { readonly kind: "sqlite"; readonly path: string }
  | ({ readonly kind: "postgres" } & PostgresAddress)

/** A text is the address of no store; it may have a password in it. */
export class NoStoreAddress extends Data.TaggedError("NoStoreAddress")<{
  /** The part that is wrong; undefined where that is all of it. */
  readonly part: string | undefined
  /** What it must be. */
  readonly must: string
}> {}

const withoutPassword = (url: URL): string => {
  const shown = new URL(url)
  shown.password = ""
  shown.search = ""
  return shown.href
}

const isPostgres = (store: string): boolean => /^postgres(ql)?:/i.test(store)

// Of another one the driver would make its strictest.
const SSL_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"]

/** Where a text, `postgres://…`, says that a database is. */
export const postgresAddress = (store: string): Effect.Effect<PostgresAddress, NoStoreAddress> => {
  const url = Option.getOrUndefined(Option.liftThrowable((href: string) => new URL(href))(store))
  // Behind a `/` or `#` in the password, what is left of it would be a database, and what is in front of it a host.
  const isCut = url !== undefined && (url.pathname.includes("@") || url.hash !== "")
  if (!isPostgres(store) || url === undefined || url.hostname === "" || url.pathname.length < 2 || isCut) {
    return new NoStoreAddress({
      part: undefined,
      must: "of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE; special characters as %XX"
    })
  }
  return url.searchParams.getAll("sslmode").every((mode) => SSL_MODES.includes(mode))
    ? Effect.succeed({ url: Redacted.make(store), name: withoutPassword(url) })
    : new NoStoreAddress({ part: "sslmode", must: `one of ${SSL_MODES.join(", ")}` })
}

/** Where a text, `sqlite:PATH` or `postgres://…`, says that a store is. */
export const storeAddress = (store: string): Effect.Effect<StoreAddress, NoStoreAddress> => {
  if (isPostgres(store)) {
    return Effect.map(postgresAddress(store), (address) => ({ kind: "postgres", ...address }))
  }
  const path = store.slice(SQLITE.length)
  return store.startsWith(SQLITE) && path !== "" && path !== ":memory:"
    ? Effect.succeed({ kind: "sqlite", path })
    : new NoStoreAddress({
        part: undefined,
        must: "sqlite: and the path of a file, such as sqlite:/var/lib/backup-catalog/catalog.sqlite, or postgres://USER:PASSWORD@HOST/DATABASE"
      })
}
