// What the benchmarks repeat, and what they give of it.

/** How often each thing is measured. */
export const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)

/** For how long it is, in seconds, where it goes on for some time. */
export const SECONDS = Number(process.env.BENCH_SECONDS ?? 5)

/** The middle one of some values; undefined where there is none. */
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
