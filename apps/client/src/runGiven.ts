import { runPromise } from "./runPromise.ts"

/**
 * Runs an effect that the program gave. What Node loads has another copy of Effect, and has the program's run it
 * (build.mjs).
 */
export const runGiven: typeof runPromise = runPromise
