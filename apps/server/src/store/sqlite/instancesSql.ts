import type { AccountId, InstanceId } from "@backup-catalog/core"
import { READ_COLUMNS } from "../backupRows.ts"
import type { SqlText } from "../SqlText.ts"
import { LIMIT } from "./limit.ts"

/** The newest backup of an instance; takes account and instance. */
export const instanceSql = `
  SELECT ${READ_COLUMNS} FROM backups INDEXED BY backups_by_instance WHERE account = ? AND instance_id = ?
  ORDER BY created DESC, id DESC LIMIT 1`

/**
 * How many backups name no instance, `most` of them at most; takes account and `most`.
 *
 * Those without an instance are together in the index: what it costs depends on `most`, not on the backups.
 */
export const withoutInstanceSql = `
  SELECT count(*) AS backups FROM (
    SELECT 1 FROM backups INDEXED BY backups_by_instance WHERE account = ? AND instance_id IS NULL ${LIMIT}
  )`

const NEXT = "SELECT min(instance_id) FROM backups INDEXED BY backups_by_instance WHERE account = ? AND instance_id > "

/**
 * The newest backup of each instance of an account, by instance ascending.
 *
 * Jumps through the index from one instance to the next: what it costs depends on the instances, not on their backups.
 */
export const instancesSql = (account: AccountId, after: InstanceId | undefined, limit: number): SqlText => ({
  sql: `
    WITH RECURSIVE instances (id, n) AS (
      SELECT (${NEXT} ?), 1
      UNION ALL
      SELECT (${NEXT} instances.id), n + 1 FROM instances WHERE id IS NOT NULL AND n < ?
    )
    SELECT instances.id AS instance_id, ${READ_COLUMNS} FROM instances
    CROSS JOIN backups ON backups.account = ? AND backups.id = (
      SELECT newest.id FROM backups AS newest INDEXED BY backups_by_instance
      WHERE newest.account = ? AND newest.instance_id = instances.id
      ORDER BY newest.created DESC, newest.id DESC LIMIT 1
    )
    ORDER BY n`,
  params: [account, after ?? "", account, limit, account, account]
})
