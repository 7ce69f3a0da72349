/**
 * For how long nothing is written so that others get their turn, in milliseconds: other processes look every 20 for a
 * gap in SQLite.
 */
export const WRITE_GAP = 25
