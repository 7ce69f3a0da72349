import { Schema } from "effect"
import { AccountId } from "./Backup.ts"

/**
 * A boolean in a query: `true false 1 0` in any case, since python-troveclient sends `True` (docs/api.md, Other
 * accounts).
 */
export const BooleanInQuery = Schema.String.pipe(
  Schema.filter((text) => /^(?:true|false|[01])$/i.test(text), { message: () => "must be true or false" }),
  Schema.transform(Schema.Boolean, {
    strict: true,
    decode: (text) => /^(?:true|1)$/i.test(text),
    encode: String
  })
).annotations({ identifier: "BooleanInQuery", jsonSchema: { type: "boolean" } })

/**
 * Over which accounts a list goes: all of them, or one other; the caller's own when it is empty (docs/api.md, Other
 * accounts).
 *
 * For the role `admin` only. `projectId` wins over `allProjects`. The encoded side are query parameters.
 */
export const AccountScope = Schema.Struct({
  allProjects: Schema.optionalWith(BooleanInQuery, { exact: true })
    .pipe(Schema.fromKey("all_projects"))
    .annotations({ description: "The backups of all accounts; for the role admin." }),
  projectId: Schema.optionalWith(AccountId, { exact: true })
    .pipe(Schema.fromKey("project_id"))
    .annotations({ description: "The backups of this account; for the role admin." })
})
export type AccountScope = typeof AccountScope.Type

/** Whether a list of this scope spans accounts, so that its records say whose they are. */
export const spansAccounts = ({ allProjects, projectId }: AccountScope): boolean =>
  allProjects === true || projectId !== undefined
