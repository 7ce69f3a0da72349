import { datastoreType } from "../datastores/datastoreType.ts"

// Amazon has several names for one engine: editions (oracle-ee, sqlserver-se), its own makes (aurora-mysql), and
// custom-….
const families: ReadonlyArray<readonly [RegExp, string]> = [
  [/^aurora(-mysql)?$/, "mysql"],
  [/^aurora-postgresql$/, "postgresql"],
  [/^(custom-)?oracle-/, "oracle"],
  [/^(custom-)?sqlserver-/, "sqlserver"],
  [/^db2-/, "db2"]
]

/** The datastore type of an engine of RDS: `aurora-mysql` is MySQL, `oracle-ee` Oracle; an unknown engine is itself. */
export const rdsEngine = (engine: string): string => {
  const name = engine.toLowerCase()
  const family = families.find(([pattern]) => pattern.test(name))
  return family === undefined ? datastoreType(engine) : datastoreType(family[1])
}
