import { Effect, Layer } from "effect"
import type { PostgresLimits } from "../store/postgres/PostgresLimits.ts"
import type { StoreAddress } from "../store/StoreAddress.ts"
import type { Stores } from "../store/StoreLive.ts"
import type { StoreRefused } from "../store/StoreRefused.ts"
import type { CommandError } from "./CommandError.ts"
import { storeNamedBy } from "./namedSettings.ts"
import type { Given } from "./ServerCommand.ts"
import { readPostgresLimits, storeOf, type storeOptions } from "./storeOptions.ts"

/** The store that a command's options name, by a way to open one. */
export const openStore = (
  given: Given<typeof storeOptions>,
  open: (address: StoreAddress, limits: PostgresLimits) => Layer.Layer<Stores, StoreRefused>
): Layer.Layer<Stores, CommandError | StoreRefused> =>
  Layer.unwrapEffect(
    Effect.zipWith(storeOf(given.store), readPostgresLimits(given), (address, limits) =>
      Layer.mapError(open(address, limits), storeNamedBy(given.store))
    )
  )
