import { READ_COLUMNS } from "../backupRows.ts"

/** The newest backup of an instance; takes account and instance. */
export const INSTANCE = `
  SELECT ${READ_COLUMNS} FROM backups WHERE account = $1 AND instance_id = $2
  ORDER BY created DESC, id DESC LIMIT 1`

/**
 * How many backups name no instance, `most` of them at most; takes account.
 *
 * Those without an instance are together in the index, and the order is its order: what it costs depends on `most`, not
 * on the backups, whatever PostgreSQL takes their number for.
 */
export const withoutInstanceSql = (most: number): string => `
  SELECT count(*) AS backups FROM (
    SELECT 1 FROM backups WHERE account = $1 AND instance_id IS NULL
    ORDER BY instance_id, created, id LIMIT ${most}
  ) AS without`

const NEXT = (after: string) => `
  SELECT instance_id FROM backups WHERE account = $1 AND instance_id > ${after} ORDER BY instance_id LIMIT 1`

const FOUND = (limit: number) => `
  WITH RECURSIVE found (id, n) AS (
    SELECT (${NEXT("$2")}), 1
    UNION ALL
    SELECT (${NEXT("found.id")}), n + 1 FROM found WHERE id IS NOT NULL AND n < ${limit}
  )`

/**
 * Adds the instances of an account that have backups to its coverage, unless they are there; takes account and the
 * instance behind which to begin. Tells how many were added, and the last one where there may be more behind it.
 *
 * Jumps through the index as `instancesSql` does.
 */
export const addInstancesSql = (limit: number): string => `${FOUND(limit)}, added AS (
    INSERT INTO instances (account, instance_id) SELECT $1, id FROM found WHERE id IS NOT NULL
    ON CONFLICT (account, instance_id) DO NOTHING RETURNING 1
  )
  SELECT (SELECT count(*)::int FROM added) AS added, (SELECT id FROM found WHERE n = ${limit}) AS last`

/**
 * The newest backup of each instance of an account, by instance ascending; takes account and the instance behind which
 * to begin.
 *
 * Jumps through the index from one instance to the next: what it costs depends on the instances, not on their backups.
 */
export const instancesSql = (limit: number): string => `${FOUND(limit)}
  SELECT found.id AS instance_id, newest.* FROM found CROSS JOIN LATERAL (
    SELECT ${READ_COLUMNS} FROM backups WHERE account = $1 AND instance_id = found.id
    ORDER BY created DESC, id DESC LIMIT 1
  ) AS newest ORDER BY n`
