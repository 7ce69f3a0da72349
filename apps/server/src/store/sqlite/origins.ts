import type { AccountId, BackupId } from "@backup-catalog/core"
import type { SqlParams } from "../sliceConditions.ts"
import type { Transactions } from "./transactions.ts"

/** The origins of the row of `backups` in front of this, in all sources of its account. */
export const OF_BACKUP = `
  CROSS JOIN origins INDEXED BY origins_by_backup
    ON origins.created = backups.created AND origins.id = backups.id
  CROSS JOIN sources ON sources.number = origins.source AND sources.account = backups.account`

/** The rows of some backups, by their ids; takes the ids as JSON, and the account. */
export const SOME_BACKUPS =
  "json_each(?) AS input CROSS JOIN backups ON backups.account = ? AND backups.id = input.value"

const PUT = (rows: string) => `
  INSERT INTO origins (source, created, id, native_id, native_parent_id, suspect, appeared, import) VALUES ${rows}
  ON CONFLICT (source, created, id) DO UPDATE SET native_id = excluded.native_id,
    native_parent_id = excluded.native_parent_id, suspect = excluded.suspect,
    appeared = coalesce(excluded.appeared, appeared)`

/** Writes origins: source, created, id, the members of an `OriginRow`, when it appeared or null, and its import. */
export const putOrigins = ({ runMany }: Transactions, values: ReadonlyArray<SqlParams>) => runMany(PUT, values)

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
