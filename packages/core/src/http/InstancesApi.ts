import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { Datastore, InstanceId } from "../Backup.ts"
import { TokenAuth } from "./Identity.ts"
import { ListAnswer } from "./ListAnswer.ts"
import { InstanceListParams, InstancesParams } from "./ListParams.ts"
import { Links } from "./links.ts"
import { AccountPath, InstancePath } from "./pathParams.ts"
import { StrictRequest } from "./StrictRequest.ts"

/** An instance as it travels: its name is its id, since backups tell no other. */
export const InstanceRecord = Schema.Struct({
  id: InstanceId,
  name: InstanceId,
  datastore: Schema.optionalWith(Datastore, { as: "Option" })
}).annotations({ identifier: "Instance" })

/** One instance. */
export const InstanceAnswer = Schema.Struct({ instance: InstanceRecord }).annotations({ identifier: "InstanceAnswer" })

/** One page of instances, by id ascending. */
export const InstancesAnswer = Schema.Struct({ instances: Schema.Array(InstanceRecord), links: Links }).annotations({
  identifier: "InstancesAnswer"
})

/** The instances that the account has backups of: as much as clients need to find the backups of one. */
export class InstancesApi extends HttpApiGroup.make("instances")
  .add(
    HttpApiEndpoint.get("listInstances", "/v1.0/:accountId/instances")
      .setPath(AccountPath)
      .setUrlParams(InstancesParams)
      .addSuccess(InstancesAnswer)
      .annotate(OpenApi.Summary, "List the instances that there are backups of")
  )
  .add(
    HttpApiEndpoint.get("showInstance", "/v1.0/:accountId/instances/:instanceId")
      .setPath(InstancePath)
      .addSuccess(InstanceAnswer)
      .annotate(OpenApi.Summary, "Show an instance that there are backups of")
  )
  .add(
    HttpApiEndpoint.get("listOfInstance", "/v1.0/:accountId/instances/:instanceId/backups")
      .setPath(InstancePath)
      .setUrlParams(InstanceListParams)
      .addSuccess(ListAnswer)
      .annotate(OpenApi.Summary, "List the backups of an instance")
      .annotate(OpenApi.Description, "As the list with instance_id, but 404 when the account has no backup of it.")
  )
  .middleware(StrictRequest)
  .middleware(TokenAuth) {}
