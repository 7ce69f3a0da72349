import { Effect, Layer } from "effect"
import { StoreState } from "../StoreState.ts"
import { SqliteReader } from "./SqliteReader.ts"

/** The state of the SQLite store. */
export const layer: Layer.Layer<StoreState, never, SqliteReader> = Layer.effect(
  StoreState,
  Effect.map(SqliteReader, ({ commitsAtOnce }) => () => {
    try {
      return commitsAtOnce()
    } catch {
      // What is wrong with the store is said by who reads from it next.
      return undefined
    }
  })
)
