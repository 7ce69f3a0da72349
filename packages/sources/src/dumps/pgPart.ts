/**
 * What a dump of pg_dump has where it surely is no whole one, by the kinds of the objects in it; undefined else. Before data
 * come the tables that it is of, so without any it is data alone. That there is no data, only all the kinds (`isAll`) tell.
 */
export const partOf = (kinds: ReadonlySet<string>, isAll: boolean): string | undefined => {
  const has = (...names: ReadonlyArray<string>) => names.some((name) => kinds.has(name))
  if (has("TABLE DATA")) return has("TABLE", "FOREIGN TABLE", "EXTENSION") ? undefined : "the data"
  if (isAll && has("TABLE")) return "the schema"
  return isAll && has("CONSTRAINT", "INDEX", "FK CONSTRAINT") && !has("MATERIALIZED VIEW", "EXTENSION")
    ? "indexes and constraints"
    : undefined
}
