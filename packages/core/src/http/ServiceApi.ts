import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { Link } from "./links.ts"

const Version = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  updated: Schema.String,
  links: Schema.Array(Link)
}).annotations({ identifier: "Version" })

const Health = Schema.Struct({ status: Schema.Literal("ok") }).annotations({ identifier: "Health" })

/** What the service says of itself, without a token: its versions (contract §3) and its health. */
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
  ) {}
