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
 * What a dump of pg_dump has where it surely is no whole one, by the kinds of the objects in it; undefined else. Before data
 * come the tables that it is of, so without any it is data alone. That there is no data, only all the kinds (`isAll`) tell.
 */
export const partOf = (kinds: ReadonlySet<string>, isAll: boolean): string | undefined => {
  const has = (...names: ReadonlyArray<string>) => names.some((name) => kinds.has(name))
  if (has("TABLE DATA")) return has("TABLE", "FOREIGN TABLE", "EXTENSION") ? undefined : "the data"
  if (isAll && has("TABLE")) return "the schema"
  if (isAll && has(STATISTICS) && [...kinds].every((kind) => kind === STATISTICS || preamble.has(kind))) {
    return "the statistics"
  }
  return isAll && has("CONSTRAINT", "INDEX", "FK CONSTRAINT") && !has("MATERIALIZED VIEW", "EXTENSION")
    ? "indexes and constraints"
    : undefined
}
