/**
 * The one row of a table that has an id, in an account, both of which are given as SQL; read through the index by id.
 *
 * Where the statistics know nothing of an account, all indexes that begin with it seem to cost the same, and most of
 * them would have all of it walked through for each id. Only one has the order of ids, which counts as long as the id
 * is a range: of what is equal there is no order.
 */
export const rowById = (columns: string, table: "backups" | "retired", id: string, account = "$1"): string => `
  SELECT ${columns} FROM ${table} WHERE ${table}.account = ${account} AND ${table}.id BETWEEN ${id} AND ${id}
  ORDER BY ${table}.id LIMIT 1`
