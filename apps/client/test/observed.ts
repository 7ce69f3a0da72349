import { Cause, Effect, Exit, Logger, LogLevel, Tracer } from "effect"

/** How runs ended, and what was seen of them. */
export interface Observed<A, E> {
  readonly exits: ReadonlyArray<Exit.Exit<A, E>>
  readonly spans: ReadonlyArray<Tracer.Span>
  /** The logs, the names and attributes of the spans, and the failures in each way that prints them. */
  readonly text: string
}

/** Runs what gives exits, with every span and the logs of all levels captured. */
export const observed = async <A, E>(
  runs: Effect.Effect<ReadonlyArray<Exit.Exit<A, E>>, unknown>
): Promise<Observed<A, E>> => {
  const logged: Array<string> = []
  const spans: Array<Tracer.Span> = []
  const native = Effect.runSync(Effect.tracer)
  const tracer = Tracer.make({
    span: (...options) => {
      const span = native.span(...options)
      spans.push(span)
      return span
    },
    context: (run) => run()
  })
  const logger = Logger.make(({ message, cause }) => {
    logged.push(String(message), Cause.pretty(cause))
  })
  const exits = await runs.pipe(
    Effect.withTracer(tracer),
    Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
    Logger.withMinimumLogLevel(LogLevel.All),
    Effect.runPromise
  )
  const traced = spans.flatMap((span) => [
    span.name,
    ...[...span.attributes].map(([name, value]) => `${name}=${String(value)}`)
  ])
  const failed = exits
    .filter(Exit.isFailure)
    .flatMap((exit) => [JSON.stringify(exit), String(exit), Cause.pretty(exit.cause, { renderErrorCause: true })])
  return { exits, spans, text: [...logged, ...traced, ...failed].join("\n") }
}
