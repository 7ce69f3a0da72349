import { Effect, Option, Tracer } from "effect"
import { traceparentOf } from "./traceparent.ts"

/** What lets an effect that another fiber runs be part of the trace of this one. */
export const inThisTrace: Effect.Effect<<A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>> = Effect.map(
  Effect.all([Effect.tracer, Effect.serviceOption(Tracer.ParentSpan)]),
  ([tracer, parent]) =>
    (effect) =>
      Option.isNone(parent) ? effect : effect.pipe(Effect.withParentSpan(parent.value), Effect.withTracer(tracer))
)

/**
 * Calls another server in a span of its own, with a `traceparent` that says so; outside any trace just calls it.
 *
 * @param name what the span is called: the method and the path, without what is secret
 */
export const calling = <A, E>(
  name: string,
  call: (headers: Readonly<Record<string, string>>) => Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  Effect.flatMap(Effect.serviceOption(Tracer.ParentSpan), (parent) =>
    Option.isNone(parent)
      ? call({})
      : Effect.useSpan(name, { kind: "client", captureStackTrace: false }, (span) =>
          call({ traceparent: traceparentOf(span) })
        )
  )
