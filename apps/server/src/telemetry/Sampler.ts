import type { TraceParent } from "./traceparent.ts"

/** Tells whether a request is recorded, by where it is called from. */
export type Sampler = (parent: TraceParent | undefined) => boolean

// As the specification of OpenTelemetry has it, a trace is in by its id, so that all who take part agree.
const isWithin = (ratio: number): Sampler => {
  const DIGITS = 13
  return (parent) =>
    (parent === undefined ? Math.random() : Number.parseInt(parent.traceId.slice(-DIGITS), 16) / 16 ** DIGITS) < ratio
}

const byParent =
  (root: Sampler): Sampler =>
  (parent) =>
    parent?.sampled ?? root(parent)

const roots: Readonly<Record<string, (ratio: number) => Sampler>> = {
  always_on: () => () => true,
  always_off: () => () => false,
  traceidratio: isWithin
}

/** The names that `OTEL_TRACES_SAMPLER` may have. */
export const samplerNames: ReadonlyArray<string> = [
  ...Object.keys(roots),
  ...Object.keys(roots).map((name) => `parentbased_${name}`)
]

/** The sampler of a name; `ratio` (0 to 1) counts for those that record a share. */
export const makeSampler = (name: string, ratio: number): Sampler => {
  const root = (roots[name.replace(/^parentbased_/, "")] ?? isWithin)(ratio)
  return name.startsWith("parentbased_") ? byParent(root) : root
}
