import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { DatastoreType, InstanceId } from "../Backup.ts"
import { CoverageEntry, MAX_WITHOUT_INSTANCE, Verdict } from "../Coverage.ts"
import { PageRequest } from "../Page.ts"
import { MaxAge, Policy } from "../Policy.ts"
import { TokenAuth } from "./Identity.ts"
import { Links } from "./links.ts"
import { AccountPath, InstancePath } from "./pathParams.ts"
import { StrictRequest } from "./StrictRequest.ts"

/** The query parameters of the coverage. */
export const CoverageParams = Schema.Struct({
  instanceId: Schema.optionalWith(InstanceId, { exact: true }).pipe(Schema.fromKey("instance_id")),
  datastore: Schema.optionalWith(DatastoreType, { exact: true }),
  verdicts: Schema.optionalWith(Schema.Array(Verdict), { exact: true }).pipe(Schema.fromKey("verdict")),
  maxAge: Schema.optionalWith(MaxAge, { exact: true }).pipe(Schema.fromKey("max_age")),
  ...PageRequest.fields
})

const WithoutInstance = Schema.Int.pipe(Schema.nonNegative()).annotations({
  description:
    "How many backups of the account name no instance, and so are in no verdict, whatever was asked for; at " +
    `most ${MAX_WITHOUT_INSTANCE} are counted.`
})

/** One page of the coverage, by instance id ascending. */
export const CoverageAnswer = Schema.Struct({
  coverage: Schema.Array(CoverageEntry),
  // Servers of before did not say it.
  withoutInstance: Schema.optionalWith(WithoutInstance, { exact: true }).pipe(Schema.fromKey("without_instance")),
  links: Links
}).annotations({ identifier: "CoverageAnswer" })

/** The policy of an account, and what holds where it says nothing. */
export const PolicyAnswer = Schema.Struct({ policy: Policy, default: Policy }).annotations({
  identifier: "PolicyAnswer"
})

/** What `PUT …/policy` takes. */
export const PolicyBody = Schema.Struct({ policy: Policy }).annotations({ identifier: "PolicyBody" })

/** Which instances have a good recent backup, and which are expected to. */
export class CoverageApi extends HttpApiGroup.make("coverage")
  .add(
    HttpApiEndpoint.get("listCoverage", "/v1.0/:accountId/coverage")
      .setPath(AccountPath)
      .setUrlParams(CoverageParams)
      .addSuccess(CoverageAnswer)
      .annotate(OpenApi.Summary, "List which instances have a good recent backup")
      .annotate(
        OpenApi.Description,
        "Every instance that there is, or ever was, a backup of, until it is removed here. A page may be short, and " +
          "even empty, and still have a next link."
      )
  )
  .add(
    HttpApiEndpoint.del("forgetInstance", "/v1.0/:accountId/coverage/:instanceId")
      .setPath(InstancePath)
      .addSuccess(HttpApiSchema.Empty(202))
      .annotate(OpenApi.Summary, "Stop expecting backups of an instance that has none")
  )
  .add(
    HttpApiEndpoint.get("showPolicy", "/v1.0/:accountId/policy")
      .setPath(AccountPath)
      .addSuccess(PolicyAnswer)
      .annotate(OpenApi.Summary, "Show how old backups may be")
  )
  .add(
    HttpApiEndpoint.put("setPolicy", "/v1.0/:accountId/policy")
      .setPath(AccountPath)
      .setPayload(PolicyBody)
      .addSuccess(PolicyAnswer)
      .annotate(OpenApi.Summary, "Set how old backups may be")
  )
  .middleware(StrictRequest)
  .middleware(TokenAuth) {}
