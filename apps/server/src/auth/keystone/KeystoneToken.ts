import { AccountId, Forbidden } from "@backup-catalog/core"
import type { Identity, Role } from "@backup-catalog/core/http"
import { Exit, Schema } from "effect"

/** What Keystone says of a caller's token, as far as it matters here. */
export const KeystoneToken = Schema.Struct({
  expires_at: Schema.Date,
  /** Only that of a project-scoped token has it. */
  project: Schema.optional(Schema.Struct({ id: Schema.String })),
  roles: Schema.optional(Schema.Array(Schema.Struct({ name: Schema.String })))
})
export type KeystoneToken = typeof KeystoneToken.Type

const isAccount = Schema.is(AccountId)
const strongestFirst: ReadonlyArray<Role> = ["admin", "member", "reader"]

const forbidden = (message: string) => Exit.fail(new Forbidden({ message }))

/** Whom a valid token stands for: its project is the account, its strongest role the role; else why it is nobody. */
export const identityOf = ({ project, roles = [] }: KeystoneToken): Exit.Exit<Identity, Forbidden> => {
  if (project === undefined) {
    return forbidden("The token is not for a project; ask Keystone for a project-scoped token.")
  }
  if (!isAccount(project.id)) {
    return forbidden("The project of the token has an id that no account of the catalog can have; use another project.")
  }
  const names = new Set(roles.map(({ name }) => name.toLowerCase()))
  const role = strongestFirst.find((one) => names.has(one))
  return role === undefined
    ? forbidden(
        "The token has none of the roles admin, member and reader in its project; ask its administrator for one."
      )
    : Exit.succeed({ account: project.id, role })
}
