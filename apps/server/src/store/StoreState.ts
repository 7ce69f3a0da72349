import { Context } from "effect"

/**
 * Tells whether anybody has written to the store, by one cheap look: what was read from it holds while the look gives
 * the same number as before the reading. Undefined where it cannot be told; then everything has to be read anew.
 */
export class StoreState extends Context.Tag("@backup-catalog/server/StoreState")<
  StoreState,
  () => number | undefined
>() {}
