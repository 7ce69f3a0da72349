import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { TokenAuth } from "./Identity.ts"
import { AccountPath } from "./pathParams.ts"
import { StrictRequest } from "./StrictRequest.ts"

/** The limits on records of an account; the catalog sets none, so it has no member but its verb. */
export const AbsoluteLimit = Schema.Struct({ verb: Schema.Literal("ABSOLUTE") }).annotations({
  identifier: "AbsoluteLimit"
})

/** How many list requests an account may send in a minute, how many it has left, and when it has one again. */
export const RateLimit = Schema.Struct({
  verb: Schema.String,
  unit: Schema.String,
  value: Schema.Number,
  remaining: Schema.Number,
  nextAvailable: Schema.String
}).annotations({ identifier: "RateLimit" })
export type RateLimit = typeof RateLimit.Type

/** The limits of an account as Trove answers them: the absolute ones, then one for each rate. */
export const LimitsAnswer = Schema.Struct({
  limits: Schema.Array(Schema.Union(RateLimit, AbsoluteLimit))
}).annotations({ identifier: "LimitsAnswer" })
export type LimitsAnswer = typeof LimitsAnswer.Type

/** What an account may do how often. */
export class LimitsApi extends HttpApiGroup.make("limits")
  .add(
    HttpApiEndpoint.get("limits", "/v1.0/:accountId/limits")
      .setPath(AccountPath)
      .addSuccess(LimitsAnswer)
      .annotate(OpenApi.Summary, "Show the limits of the account")
  )
  .middleware(StrictRequest)
  .middleware(TokenAuth) {}
