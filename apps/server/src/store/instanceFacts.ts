import {
  type BackupGlance,
  type BackupId,
  type BackupStatus,
  type BrokenChain,
  type Datastore,
  foldDatastore,
  type InstanceFacts,
  type InstanceId,
  type Instant,
  type Position,
  suspectLink
} from "@backup-catalog/core"
import { Option } from "effect"
import { EARLIER_THAN_ALL, LATER_THAN_ALL } from "./positions.ts"

/** A backup of an instance, without its name. */
export interface GlanceRow extends Position {
  readonly status: BackupStatus
  readonly parent_id: BackupId | null
  /** The type of its datastore, folded. */
  readonly datastore: string | null
}

/** A link of a chain. */
export type LinkRow = Pick<GlanceRow, "status" | "parent_id">

/** The columns of a `GlanceRow`. */
export const GLANCE_COLUMNS = "id, status, created, parent_id, datastore"

/** An instance that there ever was a backup of, and when it last lost one that had ended well. */
export interface InstanceRow {
  readonly instance_id: InstanceId
  readonly gone: bigint | null
}

/** The rows of an instance that are read at once, newest first: mostly the first of them is usable. */
export const ROWS_PER_READ = 20

/** What the facts of an instance are made of, as an account has it at one moment. */
export interface FactReads {
  /** The next `ROWS_PER_READ` backups of an instance behind a place, newest first. */
  readonly newest: (instance: InstanceId, after: Position) => ReadonlyArray<GlanceRow>
  readonly nameOf: (id: BackupId) => string
  readonly linkOf: (id: BackupId) => LinkRow | undefined
  /** What the sources of the account say of a backup, if one of them says anything. */
  readonly saidOf: (column: "suspect" | "native_parent_id", id: BackupId) => string | undefined
  /** How many backups of an instance failed that are newer than a place. */
  readonly failuresSince: (instance: InstanceId, since: Position) => number
  /** The datastore of the newest backup of an instance that has one, or else of what was retired. */
  readonly datastoreOf: (instance: InstanceId) => Datastore | undefined
}

const glance = (reads: FactReads, { id, status, created }: GlanceRow): BackupGlance => ({
  id,
  name: reads.nameOf(id),
  status,
  created
})

/** The link of a chain that is not good, and what is incremental to it. */
interface BadLink {
  readonly bad: BackupId
  readonly problem: BrokenChain["problem"]
  readonly below: BackupId
}

/** Where a chain of an account ends badly, for every backup that was looked at: the link that is not good, or none. */
const makeChains = (reads: FactReads) => {
  const known = new Map<BackupId, BadLink | undefined>()

  /** The first link from a parent upwards that is missing, not COMPLETED or met again; none when the chain is whole. */
  return (backup: GlanceRow): BadLink | undefined => {
    const walked: Array<BackupId> = []
    const settle = (result: BadLink | undefined) => {
      for (const id of walked) known.set(id, result)
      return result
    }
    const met = new Set<BackupId>([backup.id])
    let below = backup.id
    let link = backup.parent_id
    while (link !== null) {
      if (known.has(link)) return settle(known.get(link))
      if (met.has(link)) return settle({ bad: link, problem: "cycle", below })
      met.add(link)
      const row = reads.linkOf(link)
      if (row?.status !== "COMPLETED") return settle({ bad: link, problem: row?.status ?? "missing", below })
      walked.push(link)
      below = link
      link = row.parent_id
    }
    return settle(undefined)
  }
}

/** Why a backup with a whole chain may not be good: because of itself, or of one that it builds on. */
const suspicion = (reads: FactReads, usable: GlanceRow): string | undefined => {
  const own = reads.saidOf("suspect", usable.id)
  if (own !== undefined) return own
  for (let link = usable.parent_id; link !== null; link = reads.linkOf(link)?.parent_id ?? null) {
    const why = reads.saidOf("suspect", link)
    if (why !== undefined) return suspectLink(link, why)
  }
  return undefined
}

// What one tool calls MySQL is Percona Server to another, and a server may become one of MariaDB.
const families: ReadonlyArray<readonly [family: string, types: RegExp]> = [
  ["mysql", /^(?:mysql|mariadb|percona)/],
  ["postgresql", /^(?:postgres|pgsql)/]
]

const familyOf = (type: string): string => {
  const folded = foldDatastore(type)
  return families.find(([, types]) => types.test(folded))?.[0] ?? folded
}

/** The facts of an instance. */
export const factsOf = (reads: FactReads, { instance_id: instanceId, gone }: InstanceRow): InstanceFacts => {
  const chainOf = makeChains(reads)
  const datastore = reads.datastoreOf(instanceId)
  // A young backup of one datastore says nothing of another one beside it.
  const isOfAnother = (row: GlanceRow): boolean =>
    datastore !== undefined && row.datastore !== null && familyOf(row.datastore) !== familyOf(datastore.type)
  let newest: GlanceRow | undefined
  let usable: GlanceRow | undefined
  let broken: BrokenChain | undefined
  let after: Position | undefined = LATER_THAN_ALL
  while (usable === undefined && after !== undefined) {
    const rows: ReadonlyArray<GlanceRow> = reads.newest(instanceId, after)
    newest ??= rows[0]
    for (const row of rows) {
      if (row.status !== "COMPLETED" || isOfAnother(row)) continue
      const bad = chainOf(row)
      if (bad === undefined) {
        usable = row
        break
      }
      broken ??= {
        backup: glance(reads, row),
        link: bad.bad,
        problem: bad.problem,
        nativeLink: Option.fromNullable(reads.saidOf("native_parent_id", bad.below))
      }
    }
    after = rows.length < ROWS_PER_READ ? undefined : rows.at(-1)
  }
  return {
    instanceId,
    datastore: Option.fromNullable(datastore),
    newest: Option.fromNullable(newest && glance(reads, newest)),
    newestUsable: Option.fromNullable(usable && glance(reads, usable)),
    suspect: Option.fromNullable(usable && suspicion(reads, usable)),
    broken: Option.fromNullable(broken),
    failuresSince: reads.failuresSince(instanceId, usable ?? EARLIER_THAN_ALL),
    lastGone: Option.map(Option.fromNullable(gone), (at) => at as Instant)
  }
}
