import type { Effect } from "effect"
import type { Fault } from "../Fault.ts"

/** An operation of a catalog as a store has it: it fails with faults only. */
export type OnStore<Operation> = Operation extends (...args: infer Args) => Effect.Effect<infer A, infer _>
  ? (...args: Args) => Effect.Effect<A, Fault>
  : never
