import type { AccountId } from "@backup-catalog/core"
import { readBackup } from "../backupRows.ts"
import { type Planned, plan } from "../backupWrites.ts"
import type { OriginRow } from "../origins.ts"
import { type Changes, changesOf } from "../recordChanges.ts"
import type { Incoming, KnownRow } from "./ImportStatements.ts"

/** One backup of a batch that was there: what it means, and its origin where that is still to be written. */
export interface Arrived {
  readonly planned: Planned
  readonly origin: OriginRow | undefined
}

/** What a source says anew of a backup; of one that it did not have, only that it suspects it. */
const originChanges = (before: KnownRow, { native_id, native_parent_id, suspect }: OriginRow): Changes => {
  if (!before.known) return changesOf({ suspect: null }, { suspect })
  const { native_id: id, native_parent_id: parent, suspect: doubt } = before
  return changesOf(
    { native_id: id, native_parent_id: parent, suspect: doubt },
    { native_id, native_parent_id, suspect }
  )
}

/** What was planned, with what its origin changes as well. */
const withChanges = (planned: Planned, changes: Changes): Planned => {
  const { outcome } = planned
  if (outcome.kind === "created" || Object.keys(changes).length === 0) return planned
  const all = outcome.kind === "updated" ? { ...outcome.changes, ...changes } : changes
  return { ...planned, outcome: { kind: "updated", changes: all } }
}

/** What a backup means, by what was there of it. */
export const toArrived = (account: AccountId, { row, origin }: Incoming, before: KnownRow): Arrived => {
  const planned = plan(account, readBackup(row), row, before, "kept")
  const changes = originChanges(before, origin)
  const isSaid = before.known && Object.keys(changes).length === 0
  return { planned: withChanges(planned, changes), origin: isSaid ? undefined : origin }
}
