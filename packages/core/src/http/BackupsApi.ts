import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AccountId, Backup, BackupId } from "../Backup.ts"
import { TokenAuth } from "./Identity.ts"
import { ListParams } from "./ListParams.ts"
import { StrictRequest } from "./StrictRequest.ts"

/** A link to another resource; `next` leads to the following page. */
export const Link = Schema.Struct({ rel: Schema.String, href: Schema.String }).annotations({ identifier: "Link" })
export type Link = typeof Link.Type

/** The answer of the list: one page of records, and a `next` link only when more follow (contract §1). */
export const ListAnswer = Schema.Struct({
  backups: Schema.Array(Backup),
  links: Schema.optionalWith(Schema.Array(Link), { exact: true })
}).annotations({ identifier: "ListAnswer" })
export type ListAnswer = typeof ListAnswer.Type

/** The answer of show: one record (contract §3). */
export const ShowAnswer = Schema.Struct({ backup: Backup }).annotations({ identifier: "ShowAnswer" })

// The router has decoded the path before the schema sees it, the client encodes it after: hence the one-sided form.
const BackupIdInPath = Schema.String.pipe(
  Schema.transform(BackupId, { strict: true, decode: (id) => id, encode: (id) => encodeURIComponent(id) })
)

const list = HttpApiEndpoint.get("list", "/v1.0/:accountId/backups")
  .setPath(Schema.Struct({ accountId: AccountId }))
  .setUrlParams(ListParams)
  .addSuccess(ListAnswer)
  .annotate(OpenApi.Summary, "List backups")
  .annotate(
    OpenApi.Description,
    "Lists the backups of the account that every given filter keeps, newest first, page by page. " +
      "The next page is behind the next link; the last page has none."
  )

const show = HttpApiEndpoint.get("show", "/v1.0/:accountId/backups/:backupId")
  .setPath(Schema.Struct({ accountId: AccountId, backupId: BackupIdInPath }))
  .addSuccess(ShowAnswer)
  .annotate(OpenApi.Summary, "Show a backup")

/** The backups of an account: list and show, each with a token that is good for the account. */
export class BackupsApi extends HttpApiGroup.make("backups")
  .add(list)
  .add(show)
  // The last one added runs first.
  .middleware(StrictRequest)
  .middleware(TokenAuth) {}
