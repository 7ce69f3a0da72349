/**
 * Operations of Trove, or of Rackspace's edition of it, that this server does not offer: the methods (all where none is
 * named) of paths under an account.
 */
interface TroveOperation {
  readonly path: ReadonlyArray<string>
  readonly methods?: ReadonlyArray<string>
}

const at = (path: string, ...methods: ReadonlyArray<string>): TroveOperation =>
  methods.length === 0 ? { path: path.split("/") } : { path: path.split("/"), methods }

/**
 * The API of Trove that is not here, as python-troveclient calls it, and what Rackspace Cloud Databases document
 * besides (`datastore/version/…`, `ha`, copies of backups); `:` stands for one segment, `**` for what follows.
 *
 * Where a path is also offered, only the methods that Trove has besides are named.
 */
const troveOnly: ReadonlyArray<TroveOperation> = [
  at("backups/:/action"),
  at("instances", "POST"),
  at("instances/detail"),
  at("instances/:", "PUT", "PATCH", "DELETE"),
  ...[
    "action",
    "configuration",
    "databases",
    "guest_log",
    "log",
    "metadata",
    "modules",
    "replicas",
    "root",
    "users"
  ].flatMap((name) => [at(`instances/:/${name}`), at(`instances/:/${name}/**`)]),
  ...[
    "backup_strategies",
    "clusters",
    "configurations",
    "databases",
    "datastore",
    "datastores",
    "flavors",
    "ha",
    "hosts",
    "mgmt",
    "modules",
    "quotas",
    "schedules",
    "security-group-rules",
    "security-groups",
    "tokens",
    "volume-types"
  ].flatMap((name) => [at(name), at(`${name}/**`)])
]

const fits = (pattern: ReadonlyArray<string>, path: ReadonlyArray<string>): boolean => {
  const rest = pattern.at(-1) === "**"
  const fixed = rest ? pattern.slice(0, -1) : pattern
  if (rest ? path.length <= fixed.length : path.length !== fixed.length) return false
  return !path.includes("") && fixed.every((segment, n) => segment === ":" || segment === path[n])
}

/**
 * What Trove has at a path that is not offered here: the operation of `this` method, `all` that there are, or undefined
 * where it has none. `path` is what follows the account.
 */
export const notOffered = (method: string, path: ReadonlyArray<string>): "this" | "all" | undefined => {
  const found = troveOnly.filter((operation) => fits(operation.path, path))
  if (found.some(({ methods }) => methods === undefined)) return "all"
  return found.some(({ methods }) => methods?.includes(method)) ? "this" : undefined
}
