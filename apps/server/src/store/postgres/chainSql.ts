/**
 * The ids of a backup and of all that descend from it, as `tree`; takes account and id. A cycle ends it.
 *
 * Each step is by a key: joined, a table that PostgreSQL knows little of would be walked through for every tree.
 */
export const TREE = `
  WITH RECURSIVE tree (id) AS (
    SELECT id FROM backups WHERE account = $1 AND id = $2
    UNION
    SELECT child.id FROM tree CROSS JOIN LATERAL (
      SELECT id FROM backups WHERE account = $1 AND parent_id = tree.id OFFSET 0
    ) AS child
  )`

/** The links of some backups, as `chain`: their ids and those of all that they descend from; `first` gives the ids of the former. */
export const chainSql = (first: string): string => `
  WITH RECURSIVE chain (id) AS (
    ${first}
    UNION
    SELECT backup.parent_id FROM chain CROSS JOIN LATERAL (
      SELECT parent_id FROM backups WHERE account = $1 AND backups.id = chain.id LIMIT 1
    ) AS backup WHERE backup.parent_id IS NOT NULL
  )`

/** The ids of a backup and of all that it descends from, as `chain`; takes account and id. */
export const CHAIN = chainSql("SELECT id FROM backups WHERE account = $1 AND id = $2")
