import { Effect, Layer } from "effect"
import { copyStore } from "../store/copy/copyStore.ts"
import { existingStoreLayer } from "../store/StoreLive.ts"
import { digestTable } from "./digestTable.ts"
import { storeNamedBy } from "./namedSettings.ts"
import { print } from "./print.ts"
import { makeProgress } from "./progress.ts"
import { serverCommand } from "./ServerCommand.ts"
import { wrong } from "./settings.ts"
import { postgresOptions, readPostgresLimits, STORE, storeOf } from "./storeOptions.ts"

/** `copy`: moves up from SQLite to PostgreSQL. */
export const copy = serverCommand({
  name: "copy",
  summary: "Copy all of an SQLite store into an empty PostgreSQL store, and compare.",
  flags: {
    from: { section: "Store", value: STORE, required: true, help: "The existing store: sqlite:PATH." },
    to: {
      section: "Store",
      value: STORE,
      required: true,
      help: "An unused PostgreSQL database: postgres://USER:PASSWORD@HOST/DATABASE."
    },
    ...postgresOptions
  },
  examples: [
    [
      "backup-catalog-server copy --from sqlite:catalog.sqlite --to postgres://catalog@db.example.com/catalog",
      "With the password from PGPASSWORD or ~/.pgpass."
    ]
  ],
  run: (given) =>
    Effect.gen(function* () {
      const [source, target] = [yield* storeOf(given.from), yield* storeOf(given.to)]
      if (source.kind !== "sqlite" || target.kind !== "postgres") {
        return yield* wrong(
          "Copies go from sqlite: to postgres: only; backup copies an SQLite store, pg_dump a database."
        )
      }
      const limits = yield* readPostgresLimits(given)
      yield* Effect.mapError(Layer.build(existingStoreLayer(source, limits)), storeNamedBy(given.from))
      const copied = yield* copyStore(source.path, target, limits, yield* makeProgress("rows copied"))
      yield* print(digestTable(copied))
      yield* print(`All of it is in ${target.name}, and was read back.`)
    }).pipe(Effect.scoped)
})
