import { Context, Effect, Layer, type Option } from "effect"

/** How many imports run at once: runs one if it may, and gives none if there are too many already. */
export class ImportSlots extends Context.Tag("@backup-catalog/server/ImportSlots")<
  ImportSlots,
  <A, E, R>(run: Effect.Effect<A, E, R>) => Effect.Effect<Option.Option<A>, E, R>
>() {}

/** At most so many imports at once. */
export const layer = (max: number): Layer.Layer<ImportSlots> =>
  Layer.effect(
    ImportSlots,
    Effect.map(Effect.makeSemaphore(max), (slots) => (run) => slots.withPermitsIfAvailable(1)(run))
  )
