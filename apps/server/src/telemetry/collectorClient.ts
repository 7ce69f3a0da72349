import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest } from "@effect/platform"
import { Clock, Effect, Layer, Schedule } from "effect"

/** How many requests may be on their way to the collector at once; each has at most a thousand spans. */
const MOST = 8

/** How long the exporter drops what there is after a failure, in milliseconds. */
const PAUSE = 60_000

/** What is worth another try, and how often. */
const REPEATED = { statuses: new Set([429, 502, 503, 504]), times: 2, after: "1 second" } as const

const isTransient = (error: HttpClientError.HttpClientError): boolean =>
  error._tag === "RequestError" ? error.reason === "Transport" : REPEATED.statuses.has(error.response.status)

const reasonOf = (error: HttpClientError.HttpClientError): string =>
  error._tag === "RequestError" ? "it cannot be reached" : `it answered ${error.response.status}`

/**
 * What spans and metrics are sent with: so many requests at once and no more, each with its repetitions within a time in
 * milliseconds. What fails is said in the log and given up, for the exporter would otherwise gather what comes meanwhile.
 */
export const collectorClient = (timeout: number): Layer.Layer<HttpClient.HttpClient> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.gen(function* () {
      const fetching = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
      let sending = 0
      let told = Number.NEGATIVE_INFINITY

      const giveUp = (url: string, reason: string) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const isNew = now - told >= PAUSE
          if (isNew) told = now
          const said = Effect.logWarning(
            `the collector at ${new URL(url).origin} does not take what it is sent, since ${reason}; for a minute nothing is sent`
          )
          return Effect.zipRight(
            isNew ? said : Effect.void,
            // Of a kind that the exporter does not try again, and without the headers of the request.
            new HttpClientError.RequestError({ request: HttpClientRequest.post(url), reason: "Encode" })
          )
        })

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
            Effect.ensuring(
              Effect.sync(() => {
                sending -= 1
              })
            )
          )
        })
      )
    })
  ).pipe(Layer.provide(FetchHttpClient.layer))
