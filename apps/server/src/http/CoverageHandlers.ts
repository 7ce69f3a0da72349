import { CatalogApi, PolicyBody } from "@backup-catalog/core/http"
import { StoreCoverage } from "@backup-catalog/core/store"
import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { BodyLimit } from "../limits/BodyLimit.ts"
import { incoming } from "./Answer.ts"
import { decodeBody, readJson } from "./jsonBody.ts"
import { askedOf, linksTo } from "./listAnswer.ts"
import { PublicUrl } from "./PublicUrl.ts"

const decodePolicy = decodeBody(PolicyBody)

/** Which instances have a good recent backup, and by which policy. */
export const CoverageHandlers = HttpApiBuilder.group(CatalogApi, "coverage", (handlers) =>
  Effect.gen(function* () {
    const coverage = yield* StoreCoverage
    const publicUrl = yield* PublicUrl
    const bodies = yield* BodyLimit

    return handlers
      .handle("listCoverage", ({ path: { accountId }, urlParams, request }) =>
        Effect.map(coverage.list(accountId, urlParams, urlParams), ({ next, ...page }) => ({
          ...page,
          ...linksTo(askedOf(publicUrl, incoming(request)), next)
        }))
      )
      .handle("forgetInstance", ({ path: { accountId, instanceId } }) => coverage.forget(accountId, instanceId))
      .handle("showPolicy", ({ path: { accountId } }) => coverage.policy(accountId))
      .handleRaw("setPolicy", ({ path: { accountId }, request }) =>
        Effect.gen(function* () {
          const { policy } = yield* Effect.flatMap(readJson(incoming(request), bodies), decodePolicy)
          return yield* coverage.setPolicy(accountId, policy)
        })
      )
  })
)
