import type { ServerResponse } from "node:http"
import { Context, Effect, Layer } from "effect"
import { knownMethod } from "../request/knownMethod.ts"
import type { ListenerRequest } from "../request/ListenerRequest.ts"
import { pathOf } from "../request/requestTarget.ts"
import { routeOf } from "../request/routes.ts"
import type { Counters } from "./Counters.ts"
import type { Counts } from "./Counts.ts"
import { makePrometheusCounters } from "./prometheusCounters.ts"

/** Who knows what several processes have counted together. */
export interface Supervisor {
  /** Lets it know what this process has counted, of all metrics or of those that only grow, whenever it wants to. */
  readonly tellCounts: (counts: (onlyGrowing: boolean) => Promise<Counts>) => void
  /** What all have, in the text format of Prometheus. */
  readonly gather: Effect.Effect<string>
}

/** What a server counts of itself while it answers: for Prometheus, for a collector, for both or for nobody. */
export class ServerMetrics extends Context.Tag("@backup-catalog/server/ServerMetrics")<
  ServerMetrics,
  Pick<Counters, "page" | "token" | "overloaded" | "watch"> & {
    /** Counts a request once it is answered, or its caller has hung up. */
    readonly observe: (request: ListenerRequest, response: ServerResponse) => void
    /** What there is for Prometheus, in its text format. */
    readonly text: Effect.Effect<string>
  }
>() {
  /**
   * Counts for Prometheus where somebody may look, and by the `others`; where there are several processes, by their
   * supervisor.
   */
  static readonly layer = (
    isShown: boolean,
    supervisor: Supervisor | undefined,
    others: ReadonlyArray<Counters> = []
  ): Layer.Layer<ServerMetrics> =>
    Layer.sync(ServerMetrics, () => {
      const shown = isShown ? makePrometheusCounters() : undefined
      if (shown !== undefined) supervisor?.tellCounts(shown.counts)
      const all = shown === undefined ? others : [shown.counters, ...others]
      const own = Effect.promise(async () => (await shown?.text()) ?? "")
      return { ...counting(all), text: supervisor?.gather ?? own }
    })
}

const counting = (all: ReadonlyArray<Counters>): Omit<typeof ServerMetrics.Service, "text"> => {
  if (all.length === 0) {
    return { observe: () => {}, page: () => {}, token: () => {}, overloaded: () => {}, watch: () => {} }
  }
  return {
    observe: (request, response) => {
      const started = performance.now()
      const method = knownMethod(request) ?? "other"
      for (const { began } of all) began(method)
      response.once("close", () => {
        const observed = {
          route: routeOf(pathOf(request.url ?? "")) ?? "none",
          method,
          status: response.writableFinished ? response.statusCode : 499,
          role: request.role ?? "none",
          seconds: (performance.now() - started) / 1000
        }
        for (const { ended } of all) ended(observed)
      })
    },
    page: (remembered) => {
      for (const { page } of all) page(remembered)
    },
    token: (remembered) => {
      for (const { token } of all) token(remembered)
    },
    overloaded: (reason) => {
      for (const { overloaded } of all) overloaded(reason)
    },
    watch: (watched) => {
      for (const { watch } of all) watch(watched)
    }
  }
}
