/** The ids of a backup and of all that descend from it, as `tree`; takes account and id. A cycle ends it. */
export const TREE = `
  WITH RECURSIVE tree (id) AS (
    SELECT id FROM backups WHERE account = $1 AND id = $2
    UNION
    SELECT child.id FROM tree JOIN backups AS child ON child.account = $1 AND child.parent_id = tree.id
  )`

/** The ids of a backup and of all that it descends from, as `chain`; takes account and id. */
export const CHAIN = `
  WITH RECURSIVE chain (id) AS (
    SELECT id FROM backups WHERE account = $1 AND id = $2
    UNION
    SELECT backup.parent_id FROM chain JOIN backups AS backup ON backup.account = $1 AND backup.id = chain.id
    WHERE backup.parent_id IS NOT NULL
  )`
