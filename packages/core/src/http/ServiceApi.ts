import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { Link } from "./links.ts"

const Version = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  updated: Schema.String,
  links: Schema.Array(Link)
}).annotations({ identifier: "Version" })

const Health = Schema.Struct({ status: Schema.Literal("ok") }).annotations({ identifier: "Health" })

/**
 * What the service says of itself: its versions (docs/api.md, Versions) and its health, without a token; and its
 * metrics.
 */
export class ServiceApi extends HttpApiGroup.make("service")
  .add(
    HttpApiEndpoint.get("versions", "/")
      .addSuccess(Schema.Struct({ versions: Schema.Array(Version) }).annotations({ identifier: "VersionsAnswer" }))
      .annotate(OpenApi.Summary, "List the versions of the API")
  )
  .add(
    HttpApiEndpoint.get("version", "/v1.0")
      .addSuccess(Schema.Struct({ version: Version }).annotations({ identifier: "VersionAnswer" }))
      .annotate(OpenApi.Summary, "Show version v1.0 of the API")
  )
  .add(
    HttpApiEndpoint.get("health", "/healthz").addSuccess(Health).annotate(OpenApi.Summary, "Whether the process is up")
  )
  .add(
    HttpApiEndpoint.get("readiness", "/readyz")
      .addSuccess(Health)
      .annotate(OpenApi.Summary, "Whether the store answers")
  )
  .add(
    HttpApiEndpoint.get("metrics", "/metrics")
      .addSuccess(HttpApiSchema.Text({ contentType: "text/plain; version=0.0.4; charset=utf-8" }))
      .annotate(OpenApi.Summary, "Show the coverage of the accounts that allow it, as metrics of Prometheus")
      .annotate(
        OpenApi.Description,
        "With a token of its own: Authorization: Bearer TOKEN. 404 where the server has none."
      )
  ) {}
