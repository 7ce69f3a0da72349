import type { BackupId } from "@backup-catalog/core"
import type { ImportOptions, Problem } from "../Importer.ts"
import { backupIdOf } from "../records/backupId.ts"
import { type Candidate, isRolledBack, NAME } from "./Candidate.ts"
import { type Parent, parentFinder } from "./parents.ts"
import { plainPath } from "./toolCommand.ts"

/** What a record says of its parent, which may be one that is not in the inventory. */
export interface ParentReference {
  readonly id: BackupId
  readonly nativeId: string
  readonly name: string
}

const folderBelow = (location: string | undefined, path: string): string => {
  const root = location === undefined ? undefined : plainPath(location)
  return root !== undefined && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
}

const referenceTo = (parent: Parent<Candidate>, options: ImportOptions): ParentReference => {
  if ("found" in parent) return { id: parent.found.id, nativeId: parent.found.nativeId, name: parent.found.path }
  const [native, parts] =
    "missingUuid" in parent
      ? [parent.missingUuid, [parent.missingUuid]]
      : [parent.missing, ["folder", folderBelow(options.location, parent.missing)]]
  return { id: backupIdOf(options.source, NAME, parts), nativeId: native, name: `${native}, which is not here` }
}

/**
 * The increments that are in a full backup by now, and on nothing else that is there, with that full backup: it is what
 * they, and those on them, can be restored with.
 */
const mergedInto = (
  candidates: ReadonlyArray<Candidate>,
  references: ReadonlyMap<BackupId, ParentReference>
): ReadonlyArray<readonly [increment: Candidate, full: Candidate]> => {
  const full = new Map(candidates.filter(({ merged }) => merged).map((one) => [one.uuid, one]))
  const there = new Set(candidates.map(({ id }) => id))
  const isWhole = (from: BackupId): boolean => {
    let id: BackupId | undefined = from
    while (id !== undefined && there.has(id)) id = references.get(id)?.id
    return id === undefined
  }
  return candidates.flatMap((one) => {
    const into = one.merged ? undefined : full.get(one.uuid)
    return into === undefined || isWhole(one.id) ? [] : [[one, into] as const]
  })
}

/** The parents of all increments; a chain that would bite its own tail has none there. */
export const referencesOf = (candidates: ReadonlyArray<Candidate>, options: ImportOptions) => {
  const parentOf = parentFinder(candidates, options.location)
  const references = new Map<BackupId, ParentReference>()
  const problems: Array<Problem> = []
  const leadsTo = (from: BackupId, to: BackupId): boolean => {
    const seen = new Set<BackupId>()
    for (let id: BackupId | undefined = from; id !== undefined && !seen.has(id); id = references.get(id)?.id) {
      if (id === to) return true
      seen.add(id)
    }
    return false
  }
  for (const candidate of candidates) {
    const parent = parentOf(candidate)
    if (parent === undefined) continue
    const reference = referenceTo(parent, options)
    if (leadsTo(reference.id, candidate.id)) {
      problems.push({
        place: candidate.path,
        message: "is an increment on one of its own increments, so it has no parent"
      })
    } else {
      references.set(candidate.id, reference)
    }
  }
  for (const [increment, found] of mergedInto(candidates, references)) {
    references.set(increment.id, referenceTo({ found }, options))
  }
  return { references, problems }
}

/**
 * Those that can no longer be applied to what they are on, or what that is on, since it was prepared to its end. An
 * increment that it was prepared with is in it, and so none of them.
 */
export const onRolledBack = (
  candidates: ReadonlyArray<Candidate>,
  references: ReadonlyMap<BackupId, ParentReference>
): ReadonlySet<Candidate> => {
  const byId = new Map(candidates.map((one) => [one.id, one]))
  const parentOf = ({ id }: Candidate): Candidate | undefined => {
    const reference = references.get(id)
    return reference === undefined ? undefined : byId.get(reference.id)
  }
  const isLost = (one: Candidate): boolean => {
    for (let below = parentOf(one); below !== undefined; below = parentOf(below)) {
      const holdsIt = below.merged && below.uuid === one.uuid
      if (isRolledBack(below) && !holdsIt) return true
    }
    return false
  }
  return new Set(candidates.filter(isLost))
}
