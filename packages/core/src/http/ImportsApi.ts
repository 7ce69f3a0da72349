import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { BooleanInQuery } from "../AccountScope.ts"
import { HistoryEvent, Import, ImportMode, ImportResult, Origin, SourceName } from "../Import.ts"
import { PageRequest } from "../Page.ts"
import { TokenAuth } from "./Identity.ts"
import { Links } from "./links.ts"
import { AccountPath, BackupPath, ImportPath } from "./pathParams.ts"
import { StrictRequest } from "./StrictRequest.ts"

/** The query parameters of an import: whose backups they are, whether these are all, and how careful it is to be. */
export const ImportParams = Schema.Struct({
  source: SourceName.annotations({ description: "The name of the source, such as pg-main." }),
  mode: Schema.optionalWith(ImportMode, { default: () => "merge" as const }).annotations({
    description:
      "snapshot: these are all backups of the source, retire the others. merge (default): add and change only."
  }),
  allowEmpty: Schema.optionalWith(BooleanInQuery, { default: () => false }).pipe(Schema.fromKey("allow_empty")),
  dryRun: Schema.optionalWith(BooleanInQuery, { default: () => false }).pipe(Schema.fromKey("dry_run"))
})
export type ImportParams = typeof ImportParams.Type

/** The query parameters of the list of imports. */
export const ImportsParams = Schema.Struct({
  source: Schema.optionalWith(SourceName, { exact: true }),
  ...PageRequest.fields
})

/** What came of an import. */
export const ImportAnswer = Schema.Struct({ import: ImportResult }).annotations({ identifier: "ImportAnswer" })

/** One past import. */
export const ShowImportAnswer = Schema.Struct({ import: Import }).annotations({ identifier: "ShowImportAnswer" })

/** One page of imports, newest first. */
export const ImportsAnswer = Schema.Struct({ imports: Schema.Array(Import), links: Links }).annotations({
  identifier: "ImportsAnswer"
})

/** One page of what happened to a backup, newest first, and where it comes from. */
export const HistoryAnswer = Schema.Struct({
  origins: Schema.Array(Origin),
  history: Schema.Array(HistoryEvent),
  links: Links
}).annotations({ identifier: "HistoryAnswer" })

/** Imports of whole sources, and what they leave behind. */
export class ImportsApi extends HttpApiGroup.make("imports")
  .add(
    HttpApiEndpoint.post("runImport", "/v1.0/:accountId/imports")
      .setPath(AccountPath)
      .setUrlParams(ImportParams)
      .addSuccess(ImportAnswer)
      .annotate(OpenApi.Summary, "Import the backups of a source")
      .annotate(
        OpenApi.Description,
        "The body is NDJSON (application/x-ndjson, also gzip), of any size: each line a backup as PUT takes it, with " +
          "its id, and optionally native_id, native_parent_id and suspect."
      )
  )
  .add(
    HttpApiEndpoint.get("listImports", "/v1.0/:accountId/imports")
      .setPath(AccountPath)
      .setUrlParams(ImportsParams)
      .addSuccess(ImportsAnswer)
      .annotate(OpenApi.Summary, "List past imports")
  )
  .add(
    HttpApiEndpoint.get("showImport", "/v1.0/:accountId/imports/:importId")
      .setPath(ImportPath)
      .addSuccess(ShowImportAnswer)
      .annotate(OpenApi.Summary, "Show an import")
  )
  .add(
    HttpApiEndpoint.get("history", "/v1.0/:accountId/backups/:backupId/history")
      .setPath(BackupPath)
      .setUrlParams(PageRequest)
      .addSuccess(HistoryAnswer)
      .annotate(OpenApi.Summary, "Show what happened to a backup")
      .annotate(OpenApi.Description, "When it appeared, changed, was retired or deleted, and through which import.")
  )
  .middleware(StrictRequest)
  .middleware(TokenAuth) {}
