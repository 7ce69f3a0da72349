import { type AccountId, BackupCatalog, type CatalogError, CoverageCatalog, ImportCatalog } from "@backup-catalog/core"
import type { LimitsAnswer } from "@backup-catalog/core/http"
import { Effect, Layer } from "effect"
import { makeConnection } from "./Connection.ts"
import { type HttpCatalogOptions, type InvalidOption, parseOptions } from "./HttpCatalogOptions.ts"
import { HttpImports, makeHttpImports } from "./HttpImports.ts"
import { makeBackupCatalog } from "./httpBackups.ts"
import { makeCoverageCatalog } from "./httpCoverage.ts"
import { makeImportCatalog } from "./httpImportCatalog.ts"

const make = Effect.fnUntraced(function* (options: HttpCatalogOptions) {
  const connection = yield* makeConnection(yield* parseOptions(options))
  const { call, read } = connection

  const limits = Effect.fn("Catalog.limits")((accountId: AccountId) =>
    read(
      Effect.map(
        call((api) => api.limits.limits({ path: { accountId } })),
        (answer) => answer.limits
      )
    )
  )

  return {
    catalog: makeBackupCatalog(connection),
    importCatalog: makeImportCatalog(connection),
    coverage: makeCoverageCatalog(connection),
    imports: makeHttpImports(connection),
    limits
  }
})

/** The catalog behind an address, and what a server says besides of the limits of an account. */
export interface HttpCatalog {
  readonly catalog: typeof BackupCatalog.Service
  /** Past imports, and the history of backups. */
  readonly importCatalog: typeof ImportCatalog.Service
  readonly coverage: typeof CoverageCatalog.Service
  /** What runs imports. */
  readonly imports: typeof HttpImports.Service
  readonly limits: (account: AccountId) => Effect.Effect<LimitsAnswer["limits"], CatalogError>
}

/** The parts of `layer`; fails with `InvalidOption` when an option cannot be used. */
export const makeHttpCatalog = (options: HttpCatalogOptions): Effect.Effect<HttpCatalog, InvalidOption> => make(options)

/** The services of a catalog behind an address. */
export type HttpServices = BackupCatalog | ImportCatalog | CoverageCatalog | HttpImports

/**
 * The catalog behind an address: the `BackupCatalog`, `ImportCatalog` and `CoverageCatalog` of core over HTTP, and
 * `HttpImports`, which runs imports.
 *
 * Fails with `InvalidOption` when an option cannot be used; nothing is asked until the catalog is.
 */
export const layer = (options: HttpCatalogOptions): Layer.Layer<HttpServices, InvalidOption> =>
  Layer.unwrapEffect(
    Effect.map(make(options), ({ catalog, importCatalog, coverage, imports }) =>
      Layer.mergeAll(
        Layer.succeed(BackupCatalog, catalog),
        Layer.succeed(ImportCatalog, importCatalog),
        Layer.succeed(CoverageCatalog, coverage),
        Layer.succeed(HttpImports, imports)
      )
    )
  )
