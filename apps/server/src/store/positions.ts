import type { BackupId, Instant, Position } from "@backup-catalog/core"

/**
 * Above every number that a store gives, such as that of an import, and above every time of a record in microseconds.
 */
export const ABOVE_ALL = 2n ** 62n

/** Below every id, as that of a backup has at least one character. */
export const BELOW_ALL_IDS = "" as BackupId

/** A position that is later than those of all backups: where a list begins, since it has the newest first. */
export const LATER_THAN_ALL: Position = { created: ABOVE_ALL as Instant, id: BELOW_ALL_IDS }

/** A position that is earlier than those of all backups. */
export const EARLIER_THAN_ALL: Position = { created: -ABOVE_ALL as Instant, id: BELOW_ALL_IDS }
