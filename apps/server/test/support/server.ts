import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AccountId, type Backup, DEFAULT_MAX_AGE, instantFromMillis } from "@backup-catalog/core"
import type { Role } from "@backup-catalog/core/http"
import { BackupStore } from "@backup-catalog/core/store"
import { Effect, Exit, Scope } from "effect"
import { hashToken } from "../../src/auth/token.ts"
import { type ServerSettings, startServer } from "../../src/startServer.ts"
import { defaultLimits, noReplicas } from "../../src/store/postgres/PostgresLimits.ts"
import { type StoreAddress, storeAddress } from "../../src/store/StoreAddress.ts"
import { storeLayer } from "../../src/store/StoreLive.ts"
import { Tokens } from "../../src/store/Tokens.ts"

/** A folder that is removed when the test ends. */
export const temporaryFolder = (onEnd: (clean: () => void) => void): string => {
  const folder = mkdtempSync(join(tmpdir(), "backup-catalog-"))
  onEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The address that a store setting means. */
export const addressOf = (store: string): StoreAddress => Effect.runSync(storeAddress(store))

/** The settings of a server on a free port, as `serve` has them without flags. */
export const defaults: Omit<ServerSettings, "store"> = {
  host: "127.0.0.1",
  port: 0,
  demo: false,
  publicUrl: undefined,
  pages: { pageSize: 1000, maxPageSize: 1000 },
  admission: { maxRequests: 1000, maxDelay: 250 },
  limits: { maxHeaderBytes: 16_384, requestTimeout: 30_000, grace: 10_000 },
  pageMemory: 64_000_000,
  maxBodyBytes: 1_048_576,
  maxImports: 8,
  maxSources: 1000,
  postgres: defaultLimits,
  replicas: noReplicas,
  metrics: { token: undefined, maxInstances: 10_000 },
  policy: { maxAge: DEFAULT_MAX_AGE, rules: [], metrics: false },
  rateLimit: 0,
  auth: "tokens",
  telemetry: undefined,
  logLevel: "silent",
  leanList: true,
  isWorker: false
}

/** Starts a server; the second part stops it. */
export const start = async (
  settings: Partial<Omit<ServerSettings, "store">> & { readonly store: string }
): Promise<readonly [url: string, stop: () => Promise<void>]> => {
  const scope = Effect.runSync(Scope.make())
  const url = await Effect.runPromise(
    Scope.extend(startServer({ ...defaults, ...settings, store: addressOf(settings.store) }), scope)
  )
  return [url, () => Effect.runPromise(Scope.close(scope, Exit.void))]
}

/** Puts backups and tokens into a store before a server opens it. */
export const prepare = (
  store: string,
  accounts: Record<string, ReadonlyArray<Backup>>,
  tokens: Record<string, { account: string; role?: Role; expires?: number }>
): Promise<void> =>
  Effect.runPromise(
    Effect.gen(function* () {
      for (const [account, backups] of Object.entries(accounts)) {
        yield* (yield* BackupStore).put(AccountId.make(account), backups)
      }
      for (const [token, { account, role = "member", expires }] of Object.entries(tokens)) {
        yield* (yield* Tokens).put({
          hash: hashToken(token),
          account: AccountId.make(account),
          role,
          created: instantFromMillis(0),
          expires: expires === undefined ? undefined : instantFromMillis(expires)
        })
      }
    }).pipe(Effect.provide(storeLayer(addressOf(store))))
  )
