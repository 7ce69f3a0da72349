import type { AccountId, BackupId, SourcedBackup } from "@backup-catalog/core"
import type { BatchResult, ImportStore, RunningImport } from "@backup-catalog/core/store"
import { Effect } from "effect"
import { toRow } from "../backupRows.ts"
import { present, writePlanned } from "../backupWrites.ts"
import { toOrigin } from "../origins.ts"
import { type Arrived, toArrived } from "./arrivals.ts"
import { differenceOf, differentOf, noteChildren } from "./differences.ts"
import type { Hold, Holds } from "./Holds.ts"
import type { ImportStatements, Incoming } from "./ImportStatements.ts"

/** Backups of one write, as they are sent, without those that are in it twice, of which the first one counts. */
interface Batch {
  readonly incoming: ReadonlyArray<Incoming>
  readonly repeated: ReadonlySet<number>
}

const toBatch = (account: AccountId, backups: Iterable<SourcedBackup>): Batch => {
  const ids = new Set<BackupId>()
  const repeated = new Set<number>()
  const incoming: Array<Incoming> = []
  for (const backup of backups) {
    const index = incoming.length + repeated.size
    if (ids.has(backup.id)) repeated.add(index)
    else incoming.push({ index, id: backup.id, row: toRow(account, backup), origin: toOrigin(backup) })
    ids.add(backup.id)
  }
  return { incoming, repeated }
}

/** The indexes in a list, such as `0,2`. */
const indexesIn = (list: string | null | undefined): ReadonlySet<number> =>
  new Set(list === null || list === undefined ? [] : list.split(",").map(Number))

/** How imports bring backups, batch by batch. */
export const makeWrite = <Given>(
  statements: ImportStatements<Given>,
  holds: Holds
): typeof ImportStore.Service.write => {
  // Most backups are new, or are as they were: only the others are looked at one by one.
  const arrive = Effect.fnUntraced(function* (account: AccountId, source: bigint, others: ReadonlyArray<Incoming>) {
    if (others.length === 0) return []
    const rows = yield* statements.knownOf(
      account,
      source,
      others.map(({ id }) => id)
    )
    const before = new Map(rows.map((row) => [row.id, row]))
    return others.flatMap((one) => {
      const row = before.get(one.id)
      return row === undefined ? [] : [toArrived(account, one, row)]
    })
  })

  /** Writes what has changed of what was there; what was not there has been added. */
  const writeChanged = Effect.fnUntraced(function* (
    running: RunningImport,
    { source }: Hold,
    arrived: ReadonlyArray<Arrived>,
    at: bigint
  ) {
    const { account, number } = running
    const changed = arrived.flatMap(({ planned }) => (planned.outcome.kind === "updated" ? [planned] : []))
    yield* writePlanned(statements, account, changed, at, number)
    const moved = changed.filter(({ outcome }) => outcome.kind === "updated" && "created" in outcome.changes)
    if (moved.length > 0)
      yield* statements.follow(
        running,
        moved.map(({ backup }) => backup)
      )
    const origins = arrived.flatMap(({ planned: { row, backup }, origin }) =>
      origin === undefined ? [] : [{ ...origin, id: backup.id, created: row.created }]
    )
    if (origins.length > 0) yield* statements.putOrigins(account, source, number, origins)
  })

  const bring = Effect.fnUntraced(function* (running: RunningImport, hold: Hold, batch: Batch, given: Given) {
    const at = yield* present
    const { incoming } = batch
    const met = yield* statements.bring(running, hold.source, given, at)
    const [before, same, others] = [indexesIn(met?.repeated), indexesIn(met?.same), indexesIn(met?.others)]
    const arrived = yield* arrive(
      running.account,
      hold.source,
      incoming.filter(({ index }) => others.has(index))
    )
    const updated = arrived.filter(({ planned }) => planned.outcome.kind === "updated").length
    const counts = {
      created: incoming.length - before.size - same.size - arrived.length,
      updated,
      unchanged: same.size + arrived.length - updated
    }
    const repeated = new Set([...batch.repeated, ...before])
    if (running.dryRun) {
      const different = differentOf(incoming, { same, repeated }, arrived)
      yield* noteChildren(statements, running, hold, different)
      return { ...counts, repeated, differences: different.flatMap(differenceOf) }
    }
    yield* writeChanged(running, hold, arrived, at)
    yield* holds.count(running, counts)
    return { ...counts, repeated, differences: [] }
  })

  return (running, backups) => {
    const batch = toBatch(running.account, backups)
    const given = statements.give(batch.incoming)
    return holds.step<BatchResult>(running, "writeImport", (hold) => bring(running, hold, batch, given))
  }
}
