import { Option, Order } from "effect"
import { BackupOrder } from "../BackupOrder.ts"
import { type Difference, MAX_DIFFERENCES, MAX_REJECTIONS, type Orphan, type Rejection } from "../Import.ts"
import type { BatchResult, Told } from "./ImportStore.ts"

/** How far an import is: it ends by storing that it has ended, and has ended when that is stored. */
export type ImportPhase = "reading" | "retiring" | "ending" | "ended"

/** What an import did so far. */
export interface ImportProgress {
  phase: ImportPhase
  /** Lines that are a backup. */
  good: number
  rejected: number
  /** The first line that may be of a backup that the source has, and cannot be told which. */
  unreadable: number | undefined
  readonly rejections: Array<Rejection>
  readonly orphans: Array<Orphan>
  readonly differences: Array<Difference>
  created: number
  updated: number
  unchanged: number
  retired: number
  orphaned: number
}

/** What an import did that has just begun. */
export const nothingYet = (): ImportProgress => ({
  phase: "reading",
  good: 0,
  rejected: 0,
  unreadable: undefined,
  rejections: [],
  orphans: [],
  differences: [],
  created: 0,
  updated: 0,
  unchanged: 0,
  retired: 0,
  orphaned: 0
})

/** Notes a line that is not imported, with its id if that can be read, and why not. */
export const reject = (
  progress: ImportProgress,
  { line, id, reason }: { readonly line: number; readonly id: string | undefined; readonly reason: string }
): void => {
  progress.rejected++
  progress.rejections.push({ line, id: Option.fromNullable(id), reason })
}

/** Leaves the first of the lines that were rejected, as many as are told. */
export const keepFirst = ({ rejections }: ImportProgress): void => {
  // Of the lines of one part those that came twice are known last, and how long a part is, is the store's own.
  rejections.sort((a, b) => a.line - b.line).splice(MAX_REJECTIONS)
}

/** Notes what writing some backups did. */
export const addBatch = (progress: ImportProgress, { created, updated, unchanged, differences }: BatchResult): void => {
  progress.created += created
  progress.updated += updated
  progress.unchanged += unchanged
  const { length } = progress.differences
  if (length < MAX_DIFFERENCES) progress.differences.push(...differences.slice(0, MAX_DIFFERENCES - length))
}

const byAge = Order.reverse(BackupOrder)

/** The oldest of some things; in what order they have come is nobody's. */
export const oldestOf = <A>(some: ReadonlyArray<Told<A>>, most: number): ReadonlyArray<Told<A>> =>
  some.toSorted((a, b) => byAge(a.at, b.at)).slice(0, most)
