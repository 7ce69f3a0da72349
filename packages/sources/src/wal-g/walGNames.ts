import type { WalGFacts } from "./WalGFacts.ts"

// A backup of PostgreSQL is known by its WAL, as WAL-E named it with the offset behind that; one of Greenplum by its
// time.
const START = /^(?:base_[0-9A-F]{24}|backup_\d{8}T\d{6}Z)(?=_|$)/
const DELTA = /^((base|backup)_(?:[0-9A-F]{24}|\d{8}T\d{6}Z)(?:_\d{8})?)_D_([0-9A-F]{24}|\d{8}T\d{6}Z)/

interface NameRead {
  /** `base_<WAL>` or `backup_<time>`; undefined of a name of another form. */
  readonly start: string | undefined
  /** The name without what it says of its parent, unless that would be the name of the parent. */
  readonly own: string
  /** What a delta says of its parent: how that would be called if it were a full backup. */
  readonly startOfParent: string | undefined
}

const readName = (name: string): NameRead => {
  const [, own = name, kind, place] = DELTA.exec(name) ?? []
  const startOfParent = place === undefined ? undefined : `${kind}_${place}`
  return { start: START.exec(name)?.[0], own: own === startOfParent ? name : own, startOfParent }
}

type Named = Pick<WalGFacts, "name" | "storage">

/** How the backups of a list are told apart, and on which others they are. */
export interface WalGNames {
  /** The name of the parent of a delta; that of a full backup where the list has none that began there. */
  readonly parentOf: (backup: Pick<WalGFacts, "name" | "storage" | "parent">) => string | undefined
  /**
   * What the id of a backup is made of: its name without the parent, so that a delta that others are on has the same id
   * whether it is in the list or not. Its whole name where another one of the list, as a full backup, is called so.
   */
  readonly keyOf: (backup: Named) => string
}

/**
 * The names of the backups of a list. That of a delta says only the WAL or the time of its parent,
 * `base_<WAL>_D_<its WAL>`, which may be a delta itself; so it is looked up, in the same storage.
 */
export const walGNames = (backups: ReadonlyArray<Named>): WalGNames => {
  const byOwn = new Map<string, string>()
  const oldest = new Map<string, string>()
  const newest = new Map<string, string>()
  const placed = (storage: string | undefined, text: string) => JSON.stringify([storage, text])
  for (const { name, storage } of backups) {
    const { start, own, startOfParent } = readName(name)
    const place = placed(storage, own)
    const other = byOwn.get(place)
    // A full backup has the shortest name, so it comes before deltas.
    if (other === undefined || name < other) byOwn.set(place, name)
    // A delta that has the name of its parent is not told from that by what is on either.
    if (start === undefined || (startOfParent !== undefined && own === name)) continue
    const began = placed(storage, start)
    if (own < (oldest.get(began) ?? "~")) oldest.set(began, own)
    if (own > (newest.get(began) ?? "")) newest.set(began, own)
  }
  return {
    parentOf: ({ name, storage, parent }) => {
      const { start, startOfParent } = readName(name)
      if (parent !== undefined || startOfParent === undefined) return parent
      const named = byOwn.get(placed(storage, startOfParent))
      if (named !== undefined) return named
      // Of several that began in its own WAL, only the first is surely older.
      const found = (start === startOfParent ? oldest : newest).get(placed(storage, startOfParent))
      const listed = found === undefined ? undefined : byOwn.get(placed(storage, found))
      return listed === undefined || listed === name ? startOfParent : listed
    },
    keyOf: ({ name, storage }) => {
      const { own } = readName(name)
      return (byOwn.get(placed(storage, own)) ?? name) === name ? own : name
    }
  }
}
