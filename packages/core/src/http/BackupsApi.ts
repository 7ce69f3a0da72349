import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { Backup, BackupId } from "../Backup.ts"
import { InstantToStore } from "../Instant.ts"
import { PageRequest } from "../Page.ts"
import { Registration } from "../Registration.ts"
import { TokenAuth } from "./Identity.ts"
import { ListAnswer } from "./ListAnswer.ts"
import { ListParams } from "./ListParams.ts"
import { AccountPath, BackupPath } from "./pathParams.ts"
import { StrictRequest } from "./StrictRequest.ts"

/** The answer of show: one record (docs/api.md, Show). */
export const ShowAnswer = Schema.Struct({ backup: Backup }).annotations({ identifier: "ShowAnswer" })

const nothing = <A, I>(none: Schema.Schema<A, I>, values: string, reason: string) =>
  Schema.optionalWith(
    none.annotations({
      message: () => ({ message: `must be ${values} beside restore_from; ${reason}`, override: true })
    }),
    { exact: true }
  )

const NO_BYTES = "the catalog stores no backup files"

/** Members by which Trove takes a backup, and which its clients also send beside `restore_from`: to ask for nothing. */
const ofTaking = {
  instance: nothing(Schema.Null, "null", "register a backup with its instance by PUT"),
  parent_id: nothing(Schema.Null, "null", "register an incremental backup by PUT"),
  incremental: nothing(Schema.Literal(0, false, null), "0, false or null", "register an incremental backup by PUT"),
  swift_container: nothing(Schema.Null, "null", NO_BYTES),
  storage_driver: nothing(Schema.Null, "null", NO_BYTES)
}

/** What `POST …/backups` takes: a backup that exists elsewhere (docs/api.md, Register from elsewhere). */
export const RegisterBody = Schema.Struct({
  backup: Schema.Struct({ ...Registration.fields, ...ofTaking }).annotations({ identifier: "Registration" })
}).annotations({ identifier: "RegisterBody" })

const { retiredAt: _, ...fieldsToStore } = Backup.fields

/** What `PUT …/backups/{id}` takes: the whole record; its id is in the path and need not be repeated. */
export const UpsertBody = Schema.Struct({
  backup: Schema.Struct({
    ...fieldsToStore,
    id: Schema.optionalWith(BackupId, { exact: true }),
    created: InstantToStore,
    updated: InstantToStore
  }).annotations({ identifier: "BackupToStore" })
}).annotations({ identifier: "UpsertBody" })

/** What a write demands of the record that is there: entity tags, or `*` (RFC 9110, 13.1). */
export const WriteConditions = Schema.Struct({
  "if-match": Schema.optionalWith(Schema.String, { exact: true }),
  "if-none-match": Schema.optionalWith(Schema.String, { exact: true })
})

const list = HttpApiEndpoint.get("list", "/v1.0/:accountId/backups")
  .setPath(AccountPath)
  .setUrlParams(ListParams)
  .addSuccess(ListAnswer)
  .annotate(OpenApi.Summary, "List backups")
  .annotate(
    OpenApi.Description,
    "Lists the backups of the account that every given filter keeps, newest first, page by page. " +
      "The next page is behind the next link; the last page has none."
  )

const register = HttpApiEndpoint.post("register", "/v1.0/:accountId/backups")
  .setPath(AccountPath)
  .setPayload(RegisterBody)
  .addSuccess(ShowAnswer, { status: 202 })
  .annotate(OpenApi.Summary, "Register a backup that exists elsewhere")
  .annotate(
    OpenApi.Description,
    "Adds a record with a new id and the status RESTORED. Without restore_from it would ask to take a backup: 501."
  )

const show = HttpApiEndpoint.get("show", "/v1.0/:accountId/backups/:backupId")
  .setPath(BackupPath)
  .addSuccess(ShowAnswer)
  .annotate(OpenApi.Summary, "Show a backup")

const upsert = HttpApiEndpoint.put("upsert", "/v1.0/:accountId/backups/:backupId")
  .setPath(BackupPath)
  .setHeaders(WriteConditions)
  .setPayload(UpsertBody)
  .addSuccess(ShowAnswer)
  .addSuccess(ShowAnswer.annotations(HttpApiSchema.annotations({ status: 201 })))
  .annotate(OpenApi.Summary, "Register or update a backup")
  .annotate(
    OpenApi.Description,
    "Writes the whole record under this id: 201 when there was none, else 200. Honours If-Match and If-None-Match."
  )

const remove = HttpApiEndpoint.del("remove", "/v1.0/:accountId/backups/:backupId")
  .setPath(BackupPath)
  .setHeaders(WriteConditions)
  .addSuccess(HttpApiSchema.Empty(202))
  .annotate(OpenApi.Summary, "Delete a backup and all that are incremental to it")
  .annotate(OpenApi.Description, "Removes the records from the catalog, never the bytes; 422 while one is being made.")

const listDescendants = HttpApiEndpoint.get("listDescendants", "/v1.0/:accountId/backups/:backupId/descendants")
  .setPath(BackupPath)
  .setUrlParams(PageRequest)
  .addSuccess(ListAnswer)
  .annotate(OpenApi.Summary, "List the backups that are incremental to a backup")
  .annotate(OpenApi.Description, "Those that are deleted with it: its increments, theirs, and so on.")

/** The backups of an account, each operation with a token that is good for the account. */
export class BackupsApi extends HttpApiGroup.make("backups")
  .add(list)
  .add(register)
  .add(show)
  .add(upsert)
  .add(remove)
  .add(listDescendants)
  // The last one added runs first.
  .middleware(StrictRequest)
  .middleware(TokenAuth) {}
