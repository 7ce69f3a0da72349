import { rowById } from "./rowById.ts"

/**
 * The ids of a backup and of all that descend from it, as `tree`; takes account and id. A cycle ends it.
 *
 * Each step is by a key: joined, a table that PostgreSQL knows little of would be walked through for every tree. It
 * goes in the order of that key, which no other index has.
 */
export const TREE = `
  WITH RECURSIVE tree (id) AS (
    (${rowById("id", "backups", "$2")})
    UNION
    SELECT child.id FROM tree CROSS JOIN LATERAL (
      SELECT id FROM backups WHERE account = $1 AND parent_id BETWEEN tree.id AND tree.id ORDER BY parent_id
    ) AS child
  )`

/**
 * The links of some backups, as `chain`: their ids and those of all that they descend from; `first` gives the ids of
 * the former.
 */
export const chainSql = (first: string): string => `
  WITH RECURSIVE chain (id) AS (
    ${first}
    UNION
    SELECT backup.parent_id FROM chain CROSS JOIN LATERAL (
      ${rowById("parent_id", "backups", "chain.id")}
    ) AS backup WHERE backup.parent_id IS NOT NULL
  )`

/** The ids of a backup and of all that it descends from, as `chain`; takes account and id. */
export const CHAIN = chainSql(`(${rowById("id", "backups", "$2")})`)
