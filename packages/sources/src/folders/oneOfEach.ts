import type { BackupId } from "@backup-catalog/core"
import type { Problem } from "../Importer.ts"

/**
 * Of several candidates for the record of one backup the first by their rank; `problemOf` is what is to be said of
 * another one.
 */
export const oneOfEach = <C extends { readonly id: BackupId }>(
  candidates: ReadonlyArray<C>,
  byRank: (a: C, b: C) => number,
  problemOf: (other: C, kept: C) => Problem | undefined
) => {
  const first = new Map<BackupId, C>()
  const problems: Array<Problem> = []
  for (const candidate of candidates.toSorted(byRank)) {
    const kept = first.get(candidate.id)
    const problem = kept && problemOf(candidate, kept)
    if (kept === undefined) first.set(candidate.id, candidate)
    else if (problem !== undefined) problems.push(problem)
  }
  return { kept: candidates.filter((candidate) => first.get(candidate.id) === candidate), problems }
}
