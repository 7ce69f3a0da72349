import type { WalGFacts } from "./WalGFacts.ts"

// A backup of PostgreSQL is known by its WAL, one of Greenplum by its time.
const DELTA = /^(?:base_[0-9A-F]{24}(?:_\d{8})?_D_([0-9A-F]{24})|backup_\d{8}T\d{6}Z_D_(\d{8}T\d{6}Z))/
const OWN = /^(base_[0-9A-F]{24}|backup_\d{8}T\d{6}Z)(?:_|$)/

/** What a name says of the parent: how it would be called if it were a full backup. */
const fullParentOf = (name: string): string | undefined => {
  const [, wal, time] = DELTA.exec(name) ?? []
  if (wal !== undefined) return `base_${wal}`
  return time === undefined ? undefined : `backup_${time}`
}

/**
 * The names of the parents of delta backups. A name says only the WAL or the time of the parent, `base_<WAL>_D_<its WAL>`,
 * which may be a delta itself; so it is looked up. Where the list has none, it is called as if it were a full backup.
 */
export const parentNames = (backups: ReadonlyArray<WalGFacts>): ((backup: WalGFacts) => string | undefined) => {
  const byStart = new Map<string, string>()
  const keyOf = (storage: string | undefined, start: string) => JSON.stringify([storage, start])
  for (const { name, storage } of backups) {
    const start = OWN.exec(name)?.[1]
    if (start !== undefined && byStart.get(keyOf(storage, start)) !== start) byStart.set(keyOf(storage, start), name)
  }
  return ({ name, storage, parent }) => {
    const full = fullParentOf(name)
    if (parent !== undefined || full === undefined) return parent
    const found = byStart.get(keyOf(storage, full))
    // None is on itself.
    return found === undefined || found === name ? full : found
  }
}
