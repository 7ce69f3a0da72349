import { HttpApi, type HttpApiEndpoint, type HttpApiGroup, OpenApi } from "@effect/platform"
import { BackupsApi } from "./BackupsApi.ts"
import { CoverageApi } from "./CoverageApi.ts"
import { FaultSchema } from "./FaultSchema.ts"
import { ImportsApi } from "./ImportsApi.ts"
import { InstancesApi } from "./InstancesApi.ts"
import { LimitsApi } from "./LimitsApi.ts"
import { ServiceApi } from "./ServiceApi.ts"

// The framework documents its own 400 beside ours and cannot be told not to; this server never sends it.
const withoutFrameworkFault: typeof OpenApi.Transform.Service = (document) => {
  const spec = structuredClone(document)
  for (const path of Object.values<typeof spec>(spec.paths)) {
    for (const operation of Object.values(path)) {
      const content = operation.responses?.["400"]?.content
      if (content) content["application/json"] = { schema: { $ref: "#/components/schemas/badRequest" } }
    }
  }
  for (const name of ["HttpApiDecodeError", "Issue", "PropertyKey"]) delete spec.components.schemas[name]
  return spec
}

/** The HTTP contract of the catalog: server, client and OpenAPI document are derived from this value. */
export class CatalogApi extends HttpApi.make("backup-catalog")
  .add(BackupsApi)
  .add(InstancesApi)
  .add(ImportsApi)
  .add(CoverageApi)
  .add(LimitsApi)
  .add(ServiceApi)
  .addError(FaultSchema)
  .annotate(OpenApi.Title, "Backup Catalog")
  .annotate(OpenApi.Version, "1.0")
  .annotate(OpenApi.License, { name: "Apache-2.0" })
  .annotate(
    OpenApi.Description,
    "One list of every backup of an account, over the API of Rackspace Cloud Databases and OpenStack Trove."
  )
  .annotate(OpenApi.Transform, withoutFrameworkFault) {}

/** The name of an operation on what belongs to an account, which needs a token. */
export type AccountOperation = HttpApiEndpoint.HttpApiEndpoint.Name<
  HttpApiGroup.HttpApiGroup.Endpoints<
    typeof BackupsApi | typeof InstancesApi | typeof ImportsApi | typeof CoverageApi | typeof LimitsApi
  >
>
