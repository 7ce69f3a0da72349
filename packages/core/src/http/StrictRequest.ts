import { HttpApiMiddleware } from "@effect/platform"
import { FaultSchema } from "./FaultSchema.ts"

/**
 * Refuses what the router would silently drop: query parameters that the operation does not have, and a body where
 * none belongs. Runs after the token was checked (docs/api.md, The order of checks).
 */
export class StrictRequest extends HttpApiMiddleware.Tag<StrictRequest>()("@backup-catalog/core/StrictRequest", {
  failure: FaultSchema
}) {}
