// What pg_dump writes in front of everything, whatever it was asked for.
const preamble: ReadonlySet<string> = new Set([
  "ENCODING",
  "STDSTRINGS",
  "SEARCHPATH",
  "DATABASE",
  "DATABASE PROPERTIES"
])

const STATISTICS = "STATISTICS DATA"

/**
 * What pg_dump calls a table, and what is made of it here where it is partitioned, so that the data is that of its
 * partitions.
 */
const TABLE = "TABLE"
const PARTITIONED_TABLE = "PARTITIONED TABLE"

/** The kind of an object as `partOf` tells them apart, by that which pg_dump calls it, and the SQL that makes it. */
export const objectKind = (kind: string, definition: string): string =>
  kind === TABLE && /^PARTITION BY /m.test(definition) ? PARTITIONED_TABLE : kind

/**
 * What a dump of pg_dump has where it surely is no whole one, by the kinds of the objects in it; undefined else. Before
 * data come the tables that it is of, so without any it is data alone. That there is no data, only all the kinds
 * (`isAll`) tell: each table that is not partitioned has some, be it no rows.
 */
export const partOf = (kinds: ReadonlySet<string>, isAll: boolean): string | undefined => {
  const has = (...names: ReadonlyArray<string>) => names.some((name) => kinds.has(name))
  const hasTables = has(TABLE, PARTITIONED_TABLE, "FOREIGN TABLE")
  if (has("TABLE DATA")) return hasTables || has("EXTENSION") ? undefined : "the data"
  if (isAll && has(TABLE)) return "the schema"
  if (isAll && has(STATISTICS) && [...kinds].every((kind) => kind === STATISTICS || preamble.has(kind))) {
    return "the statistics"
  }
  return isAll && has("CONSTRAINT", "INDEX", "FK CONSTRAINT") && !hasTables && !has("MATERIALIZED VIEW", "EXTENSION")
    ? "indexes and constraints"
    : undefined
}
