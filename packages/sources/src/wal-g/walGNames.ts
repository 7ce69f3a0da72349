import type { WalGFacts } from "./WalGFacts.ts"

// A backup of PostgreSQL is known by its WAL, one of Greenplum by its time.
const DELTA = /^(?:base_[0-9A-F]{24}(?:_\d{8})?_D_([0-9A-F]{24})|backup_\d{8}T\d{6}Z_D_(\d{8}T\d{6}Z))/
const OWN = /^(base_[0-9A-F]{24}|backup_\d{8}T\d{6}Z)(?:_|$)/

/** What the name of a delta says of its parent: how that would be called if it were a full backup. */
const startOfParent = (name: string): string | undefined => {
  const [, wal, time] = DELTA.exec(name) ?? []
  if (wal !== undefined) return `base_${wal}`
  return time === undefined ? undefined : `backup_${time}`
}

/** The beginning of a name, with which the names of deltas on it end; undefined of a delta on itself, which is none. */
const startOf = (name: string): string | undefined => {
  const start = OWN.exec(name)?.[1]
  return start === startOfParent(name) ? undefined : start
}

type Named = Pick<WalGFacts, "name" | "storage">

/** How the backups of a list are told apart, and on which others they are. */
export interface WalGNames {
  /** The name of the parent of a delta; that of a full backup where the list has none that begins so. */
  readonly parentOf: (backup: Pick<WalGFacts, "name" | "storage" | "parent">) => string | undefined
  /**
   * What the id of a backup is made of: the beginning of its name, which is all that deltas on it tell of it, so that they
   * have the same parent whether it is in the list or not. Its whole name where another one of the list begins so too.
   */
  readonly keyOf: (backup: Named) => string
}

/**
 * The names of the backups of a list. That of a delta says only the WAL or the time of its parent, `base_<WAL>_D_<its WAL>`,
 * which may be a delta itself; so it is looked up, in the same storage.
 */
export const walGNames = (backups: ReadonlyArray<Named>): WalGNames => {
  const byStart = new Map<string, string>()
  const placed = (storage: string | undefined, start: string) => JSON.stringify([storage, start])
  for (const { name, storage } of backups) {
    const start = startOf(name)
    if (start === undefined) continue
    const place = placed(storage, start)
    const other = byStart.get(place)
    // A full backup has the shortest name, so it comes before deltas.
    if (other === undefined || name < other) byStart.set(place, name)
  }
  return {
    parentOf: ({ name, storage, parent }) => {
      const start = startOfParent(name)
      return parent !== undefined || start === undefined ? parent : (byStart.get(placed(storage, start)) ?? start)
    },
    keyOf: ({ name, storage }) => {
      const start = startOf(name)
      if (start === undefined) return name
      return (byStart.get(placed(storage, start)) ?? name) === name ? start : name
    }
  }
}
