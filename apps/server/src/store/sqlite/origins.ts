import type { AccountId, BackupId } from "@backup-catalog/core"
import type { Transactions } from "./transactions.ts"

/** The origins of the row of `backups` in front of this, in all sources of its account. */
export const OF_BACKUP = `
  CROSS JOIN sources ON sources.account = backups.account
  CROSS JOIN origins ON origins.source = sources.number
    AND origins.created = backups.created AND origins.id = backups.id`

/** The rows of some backups, by their ids; takes the ids as JSON, and the account. */
export const SOME_BACKUPS =
  "json_each(?) AS input CROSS JOIN backups ON backups.account = ? AND backups.id = input.value"

const MOVE = `
  UPDATE origins SET created = ?, moved = (SELECT max(number) FROM imports) WHERE (source, created, id) IN (
    SELECT origins.source, origins.created, origins.id FROM backups ${OF_BACKUP}
    WHERE backups.account = ? AND backups.id = ?)`

/**
 * Moves the origins of a backup to where it is about to be in the order. An import that runs meanwhile may have seen it
 * where it was, and finds that it has moved.
 */
export const moveOrigins = ({ run }: Transactions, account: AccountId, id: BackupId, created: bigint) =>
  run(MOVE, [created, account, id])
