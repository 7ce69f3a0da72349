import { Effect } from "effect"

// More than are imported at a time.
const PLACES = 1_000

const places = Effect.unsafeMakeSemaphore(PLACES)

/**
 * Computes what keeps the event loop for as long as an inventory is large, while nobody sends one: a server gives up an
 * import of which it hears nothing for some seconds.
 */
export const whileNobodySends = places.withPermits(PLACES)

/** Sends an inventory while nobody keeps the event loop. */
export const whileNobodyComputes = places.withPermits(1)
