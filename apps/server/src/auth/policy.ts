import type { AccountOperation, Role } from "@backup-catalog/core/http"

/** What a token is needed for: the operations, and what goes beyond its own account. */
export type Action = AccountOperation | "listOtherAccounts" | "notOffered"

const everybody: ReadonlyArray<Role> = ["reader", "member", "admin"]
const writers: ReadonlyArray<Role> = ["member", "admin"]
const admins: ReadonlyArray<Role> = ["admin"]

/**
 * Which roles may do what. Nothing else decides it; the account in the path must be the token's own besides.
 *
 * With `--auth tokens` a token has the role it was made with; with `--auth keystone` the strongest of these three that
 * Keystone names for its project.
 */
export const policy: Readonly<Record<Action, ReadonlyArray<Role>>> = {
  list: everybody,
  show: everybody,
  listDescendants: everybody,
  listInstances: everybody,
  showInstance: everybody,
  listOfInstance: everybody,
  limits: everybody,
  listImports: everybody,
  showImport: everybody,
  history: everybody,
  listCoverage: everybody,
  showPolicy: everybody,

  register: writers,
  upsert: writers,
  remove: writers,
  runImport: writers,
  forgetInstance: writers,
  setPolicy: writers,

  // all_projects=true and project_id=
  listOtherAccounts: admins,

  // What the catalog does not offer is told to everybody who has a token for the account.
  notOffered: everybody
}
