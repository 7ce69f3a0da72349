import {
  FetchHttpClient,
  HttpClient,
  HttpClientError,
  HttpClientRequest,
  type HttpClientResponse
} from "@effect/platform"
import { Chunk, Clock, Effect, Fiber, FiberSet, Layer, Option, Schedule, Stream } from "effect"
import { rejectedIn } from "./partialSuccess.ts"
import { SHUTDOWN } from "./resourceOf.ts"

/** How many requests may be on their way to the collector at once; each has at most a thousand spans. */
const MOST = 8

/** How long the exporter drops what there is after a failure, in milliseconds. */
const PAUSE = 60_000

/** What is worth another try, and how often. */
const REPEATED = { statuses: new Set([429, 502, 503, 504]), times: 2, after: "1 second" } as const

const isTransient = (error: HttpClientError.HttpClientError): boolean =>
  error._tag === "RequestError" ? error.reason === "Transport" : REPEATED.statuses.has(error.response.status)

const reasonOf = (error: HttpClientError.HttpClientError): string => {
  if (error._tag === "RequestError") return "it cannot be reached"
  const { status } = error.response
  return `it answered ${status}${status >= 300 && status < 400 ? ", and redirects are not followed" : ""}`
}

/** How much of the words of a collector is quoted. */
const QUOTED = 200

/** How long a part of a header is that may be a secret; the number of a tenant may be in a sentence by chance. */
const SECRET = 8

/**
 * What a collector says as the log may show it: not endless, and nothing of it when there is a header of the request in
 * it.
 */
const quoted = (words: string, headers: Readonly<Record<string, string>>): string => {
  const secrets = Object.values(headers).flatMap((value) => value.split(/\s+/).filter((part) => part.length >= SECRET))
  return words === "" || secrets.some((secret) => words.includes(secret)) ? "" : `: ${words.slice(0, QUOTED)}`
}

/** How much of an answer is read, in bytes; what says that something was rejected is far shorter. */
const READ = 65_536

const beginningOf = <E>(body: Stream.Stream<Uint8Array, E>): Effect.Effect<Uint8Array, E> =>
  Effect.suspend(() => {
    let left = READ
    return body.pipe(
      Stream.takeUntil((part) => {
        left -= part.length
        return left <= 0
      }),
      Stream.runCollect,
      Effect.map((parts) => Buffer.concat(Chunk.toReadonlyArray(parts), READ - Math.max(left, 0)))
    )
  })

// A redirect would take the headers, of which one may be a secret, to wherever it leads.
const withoutRedirects = Layer.provide(
  FetchHttpClient.layer,
  Layer.succeed(FetchHttpClient.RequestInit, { redirect: "manual" })
)

/**
 * What spans and metrics are sent with: so many requests at once and no more, each with its repetitions within a time
 * in milliseconds. What fails is said in the log and given up, for the exporter would otherwise gather what comes
 * meanwhile; what the collector takes and rejects is said as well. Redirects are not followed. What is on its way when
 * the layer is released is waited for.
 */
export const collectorClient = (timeout: number): Layer.Layer<HttpClient.HttpClient> =>
  Layer.scoped(
    HttpClient.HttpClient,
    Effect.gen(function* () {
      const fetching = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
      // The exporter interrupts what it has on its way before it sends the rest.
      const underWay = yield* FiberSet.make<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>()
      // A finalizer, and what is begun in one, would not be interrupted: neither at the end of its time nor at all.
      yield* Effect.addFinalizer(() =>
        Effect.timeoutOption(Effect.interruptible(FiberSet.awaitEmpty(underWay)), SHUTDOWN)
      )
      let sending = 0
      let told = Number.NEGATIVE_INFINITY

      const tell = (url: string, what: string) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          if (now - told < PAUSE) return Effect.void
          told = now
          return Effect.logWarning(`the collector at ${new URL(url).origin} ${what}`)
        })

      const giveUp = (url: string, reason: string) =>
        Effect.zipRight(
          tell(url, `does not take what it is sent, since ${reason}; for a minute nothing is sent`),
          // Of a kind that the exporter does not try again, and without the headers of the request.
          new HttpClientError.RequestError({ request: HttpClientRequest.post(url), reason: "Encode" })
        )

      // What was answered with success was taken, whatever comes of the rest of the answer.
      const noteRejected = ({ request, headers, stream }: HttpClientResponse.HttpClientResponse) =>
        beginningOf(stream).pipe(
          Effect.flatMap((body) =>
            Option.match(rejectedIn(headers["content-type"] ?? "", body), {
              onNone: () => Effect.void,
              onSome: ({ count, reason }) =>
                tell(request.url, `rejects ${count} of what it was sent${quoted(reason, request.headers)}`)
            })
          ),
          Effect.timeout(timeout),
          Effect.ignore
        )

      return HttpClient.transform(fetching, (answer, { url }) =>
        Effect.suspend(() => {
          if (sending >= MOST) return giveUp(url, "it is too slow")
          sending += 1
          return answer.pipe(
            Effect.retry({ while: isTransient, times: REPEATED.times, schedule: Schedule.spaced(REPEATED.after) }),
            Effect.timeoutFail({ duration: timeout, onTimeout: () => undefined }),
            Effect.catchAll((error) =>
              giveUp(url, error === undefined ? `it did not answer within ${timeout} ms` : reasonOf(error))
            ),
            Effect.tap(noteRejected),
            Effect.ensuring(
              Effect.sync(() => {
                sending -= 1
              })
            ),
            (sent) => Effect.flatMap(FiberSet.run(underWay, Effect.interruptible(sent)), Fiber.join)
          )
        })
      )
    })
  ).pipe(Layer.provide(withoutRedirects))
