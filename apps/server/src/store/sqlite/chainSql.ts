/** The ids of a backup and of all that descend from it, as `tree`; takes account, id, account. A cycle ends it. */
export const TREE = `
  WITH RECURSIVE tree (id) AS (
    SELECT id FROM backups WHERE account = ? AND id = ?
    UNION
    SELECT child.id FROM tree
    CROSS JOIN backups AS child INDEXED BY backups_by_parent
      ON child.account = ? AND child.parent_id = tree.id
  )`

/** The ids of a backup and of all that it descends from, as `chain`; takes account, id, account. */
export const CHAIN = `
  WITH RECURSIVE chain (id) AS (
    SELECT id FROM backups WHERE account = ? AND id = ?
    UNION
    SELECT backup.parent_id FROM chain
    CROSS JOIN backups AS backup ON backup.account = ? AND backup.id = chain.id
    WHERE backup.parent_id IS NOT NULL
  )`
