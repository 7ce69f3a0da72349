import { Effect } from "effect"
import type { CopyRefused } from "../store/copy/CopyRefused.ts"
import { type Digests, differences, digestStore } from "../store/copy/digestStore.ts"
import { inPostgres } from "../store/copy/openPostgres.ts"
import { postgresRows } from "../store/copy/postgresRows.ts"
import { sqliteRows } from "../store/copy/sqliteRows.ts"
import { untouchedFile } from "../store/copy/untouchedFile.ts"
import type { PostgresLimits } from "../store/postgres/PostgresLimits.ts"
import type { StoreAddress } from "../store/StoreAddress.ts"
import type { StoreRefused } from "../store/StoreRefused.ts"
import { CommandError } from "./CommandError.ts"
import { digestTable } from "./digestTable.ts"
import { storeNamedBy } from "./namedSettings.ts"
import { print } from "./print.ts"
import { serverCommand } from "./ServerCommand.ts"
import { readPostgresLimits, STORE, storeOf, storeOptions } from "./storeOptions.ts"

const digestOf = (
  address: StoreAddress,
  limits: PostgresLimits
): Effect.Effect<Digests, StoreRefused | CopyRefused> => {
  switch (address.kind) {
    case "sqlite":
      return untouchedFile(address.path).pipe(
        Effect.flatMap((file) => sqliteRows(address.path, file)),
        Effect.flatMap(digestStore),
        Effect.scoped
      )
    case "postgres":
      return inPostgres(address, limits, true, (transactions) => digestStore(postgresRows(transactions)))
  }
}

/** `verify`: reads all of a store, and compares it with another. */
export const verify = serverCommand({
  name: "verify",
  summary: "Read all of a store, and compare it with another.",
  details: "It sees that all of it is good, and prints what there is, table by table.",
  flags: {
    against: {
      section: "Store",
      value: STORE,
      help: "Another store that must have the same: sqlite:PATH or postgres://…."
    },
    ...storeOptions
  },
  examples: [
    ["backup-catalog-server verify --store sqlite:catalog.sqlite", "Whether all of that store is good."],
    [
      "backup-catalog-server verify --store sqlite:catalog.sqlite --against sqlite:copy.sqlite",
      "And whether another has the same."
    ]
  ],
  run: (given) =>
    Effect.gen(function* () {
      const limits = yield* readPostgresLimits(given)
      const address = yield* storeOf(given.store)
      const against = given.against && { setting: given.against, address: yield* storeOf(given.against) }
      const digests = yield* Effect.mapError(digestOf(address, limits), storeNamedBy(given.store))
      yield* print(digestTable(digests))
      if (against === undefined) return
      const others = yield* Effect.mapError(digestOf(against.address, limits), storeNamedBy(against.setting))
      const different = differences(digests, others)
      if (different.length > 0) {
        return yield* new CommandError({ exitCode: 1, message: `The two stores differ in ${different.join(", ")}.` })
      }
      yield* print("Both stores have the same.")
    })
})
