import type { Backup, Difference } from "@backup-catalog/core"
import type { RunningImport } from "@backup-catalog/core/store"
import { Effect, Option } from "effect"
import { readBackup } from "../backupRows.ts"
import type { Outcome } from "../backupWrites.ts"
import type { Arrived } from "./arrivals.ts"
import type { ChangedChildren } from "./ChangedChildren.ts"
import type { Hold } from "./Holds.ts"
import type { ImportStatements, Incoming } from "./ImportStatements.ts"

/** A backup of a batch that is not as it was, and what it would become; new where there is no outcome. */
interface Different {
  readonly backup: Backup
  readonly outcome: Outcome | undefined
}

/** Those of a batch that are not as they were, by the indexes of the others and by what became of what was there. */
export const differentOf = (
  incoming: ReadonlyArray<Incoming>,
  { same, repeated }: Readonly<Record<"same" | "repeated", ReadonlySet<number>>>,
  arrived: ReadonlyArray<Arrived>
): ReadonlyArray<Different> => {
  const outcomes = new Map(arrived.map(({ planned }) => [planned.backup.id, planned.outcome]))
  return incoming.flatMap(({ index, id, row }) =>
    same.has(index) || repeated.has(index) ? [] : [{ backup: readBackup(row), outcome: outcomes.get(id) }]
  )
}

/** What a dry run tells of a backup; nothing where nothing of it would change. */
export const differenceOf = ({ backup, outcome }: Different): ReadonlyArray<Difference> => {
  const { id, name, instanceId } = backup
  if (outcome?.kind === "unchanged") return []
  const members = outcome?.kind === "updated" ? Object.keys(outcome.changes) : []
  return [{ change: outcome?.kind ?? "created", id, name, instanceId, members }]
}

/** Whether a backup has another parent than what is there. */
const isMoved = ({ backup: { parentId }, outcome }: Different): boolean =>
  outcome === undefined ? Option.isSome(parentId) : outcome.kind === "updated" && "parent_id" in outcome.changes

/** Whether a backup keeps its parent, and is told of by another name or in another place than what is there. */
const isRenamed = ({ outcome }: Different): boolean =>
  outcome?.kind === "updated" &&
  !("parent_id" in outcome.changes) &&
  ("name" in outcome.changes || "created" in outcome.changes)

/**
 * Notes what a dry run would change of the children of a parent that may go: the rows of the store tell nothing of it.
 */
export const noteChildren = Effect.fnUntraced(function* <Given>(
  statements: ImportStatements<Given>,
  { account }: RunningImport,
  { source, row, moved, renamed }: Hold,
  different: ReadonlyArray<Different>
) {
  const some = row.mode === "snapshot" ? different.filter((one) => isMoved(one) || isRenamed(one)) : []
  if (some.length === 0) return
  const parents = new Set(some.flatMap(({ backup }) => Option.toArray(backup.parentId)))
  const known = yield* statements.knownOf(account, source, [...parents])
  const mayGo = new Set(known.flatMap((one) => (one.known ? [one.id] : [])))
  const isUnderThem = ({ backup }: Different) => Option.exists(backup.parentId, (id) => mayGo.has(id))
  const note = (children: ChangedChildren, which: ReadonlyArray<Different>) =>
    children.note(
      which.map(({ backup }) => backup),
      mayGo
    )
  // Of what is new under a parent that stays, there is nothing to tell: an import of a new source has only that.
  note(
    moved,
    some.filter((one) => isMoved(one) && (one.outcome !== undefined || isUnderThem(one)))
  )
  note(
    renamed,
    some.filter((one) => isRenamed(one) && isUnderThem(one))
  )
})
