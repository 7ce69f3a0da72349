import type { WalGFacts } from "./WalGFacts.ts"

const DELTA = /^base_[0-9A-F]{24}(?:_\d{8})?_D_([0-9A-F]{24})/
const OWN_WAL = /^base_([0-9A-F]{24})(?:_|$)/

/**
 * The names of the parents of PostgreSQL's delta backups. A name says only the WAL of the parent, `base_<WAL>_D_<its WAL>`,
 * which may be a delta itself; so it is looked up. Where the list has none, it is called as if it were a full backup.
 */
export const parentNames = (backups: ReadonlyArray<WalGFacts>): ((backup: WalGFacts) => string | undefined) => {
  const byWal = new Map<string, string>()
  const keyOf = (storage: string | undefined, wal: string) => JSON.stringify([storage, wal])
  for (const { name, storage } of backups) {
    const wal = OWN_WAL.exec(name)?.[1]
    if (wal !== undefined && byWal.get(keyOf(storage, wal)) !== `base_${wal}`) byWal.set(keyOf(storage, wal), name)
  }
  return ({ name, storage, parent }) => {
    const wal = DELTA.exec(name)?.[1]
    if (parent !== undefined || wal === undefined) return parent
    const found = byWal.get(keyOf(storage, wal))
    // None is on itself.
    return found === undefined || found === name ? `base_${wal}` : found
  }
}
