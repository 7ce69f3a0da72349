import { timingSafeEqual } from "node:crypto"
import { coverageMetrics, ItemNotFound, Unauthorized } from "@backup-catalog/core"
import { StoreCoverage } from "@backup-catalog/core/store"
import type { HttpServerRequest } from "@effect/platform"
import { Context, Effect, Redacted } from "effect"
import { hashToken } from "../auth/token.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { toResponse } from "./Answer.ts"
import { faultAnswer } from "./faultAnswer.ts"

/** Who may read the metrics, and of how many instances at most; nobody where there is no token. */
export class MetricsAccess extends Context.Tag("@backup-catalog/server/MetricsAccess")<
  MetricsAccess,
  { readonly token: Redacted.Redacted | undefined; readonly maxInstances: number }
>() {}

const notShown = new ItemNotFound({
  message: "This server shows no metrics; it does when CATALOG_METRICS_TOKEN has a token for them."
})

const { headers: faultHeaders, ...unauthorized } = faultAnswer(
  new Unauthorized({ message: "Send the token of the metrics as Authorization: Bearer TOKEN." })
)

const refused = {
  ...unauthorized,
  headers: { ...faultHeaders, "WWW-Authenticate": 'Bearer realm="backup-catalog metrics"' }
}

const COMPLETE = "backup_catalog_coverage_complete"

/**
 * The coverage of the accounts whose policy allows it, and what the server counts of itself, in the text format of
 * Prometheus.
 */
export const makeMetrics = Effect.gen(function* () {
  const coverage = yield* StoreCoverage
  const own = yield* ServerMetrics
  const { token, maxInstances } = yield* MetricsAccess
  const wanted = token && hashToken(Redacted.value(token))

  return ({ headers }: HttpServerRequest.HttpServerRequest) =>
    Effect.gen(function* () {
      if (wanted === undefined) return yield* notShown
      const given = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(headers.authorization ?? "")?.[1]
      if (given === undefined || !timingSafeEqual(hashToken(given), wanted)) return toResponse(refused)
      const { accounts, complete } = yield* coverage.observed(maxInstances)
      const text = [
        coverageMetrics(accounts).trimEnd(),
        `# HELP ${COMPLETE} 1 when every instance of these accounts is shown, 0 when there are more than the server shows.`,
        `# TYPE ${COMPLETE} gauge`,
        `${COMPLETE} ${complete ? 1 : 0}`,
        (yield* own.text).trimEnd()
      ]
      return toResponse({
        status: 200,
        headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store" },
        body: `${text.join("\n")}\n`
      })
    })
})
