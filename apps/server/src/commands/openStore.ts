import { Effect, Layer } from "effect"
import type { CommandError } from "../CommandError.ts"
import { type GivenStore, readPostgresLimits } from "../settings.ts"
import type { PostgresLimits } from "../store/postgres/PostgresLimits.ts"
import type { Stores } from "../store/StoreLive.ts"

/** The store that a command's options name, by a way to open one. */
export const openStore = (
  given: GivenStore,
  open: (store: string, limits: PostgresLimits) => Layer.Layer<Stores, CommandError>
): Layer.Layer<Stores, CommandError> =>
  Layer.unwrapEffect(Effect.map(readPostgresLimits(given), (limits) => open(given.store, limits)))
