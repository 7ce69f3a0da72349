import { grouped, type ImportResult, type Orphan } from "@backup-catalog/core"
import type { Problem, SourceRecord } from "@backup-catalog/sources"
import { Option } from "effect"
import { counted } from "../output/counted.ts"
import { escapeText } from "../terminal/escapeText.ts"
import type { Outcome } from "./performTask.ts"

const MOST_LINES = 20

/** The first of some lines, and how many more there are. */
const firstLines = (lines: ReadonlyArray<string>, all: number = lines.length): ReadonlyArray<string> => {
  const shown = lines.slice(0, MOST_LINES)
  return all > shown.length ? [...shown, `And ${all - shown.length} more.`] : shown
}

/** The counts of an import: `pg-main: 3 new, 1 changed, 14 unchanged, 1 retired, 0 rejected.` */
export const describeResult = ({ source, created, updated, unchanged, retired, rejected }: ImportResult): string =>
  `${escapeText(source)}: ${created} new, ${updated} changed, ${unchanged} unchanged, ${retired} retired, ${rejected} rejected.`

const describeOrphan = ({ id, name }: Orphan): string => escapeText(`${name} (${id})`)

/**
 * How many records are incremental to some backups, by more than one step: those have parents, and cannot be restored.
 */
const countBelow = (ids: ReadonlyArray<string>, records: ReadonlyArray<SourceRecord>): number => {
  const children = grouped(records, ({ backup }): string | undefined => Option.getOrUndefined(backup.parentId))
  const found = new Set(ids)
  // A set goes on to what is added to it meanwhile.
  for (const id of found) for (const { backup } of children.get(id) ?? []) found.add(backup.id)
  return found.size - new Set(ids).size
}

/** What lost its parent by what was retired; undefined when nothing did. */
const describeOrphans = ({ result, records = [] }: Outcome): string | undefined => {
  const { source, orphaned, orphans, dryRun } = result
  if (orphaned === 0) return undefined
  // Beyond those that are named, nobody knows how many parents they have.
  const parents = new Set(orphans.map(({ parentId }) => parentId)).size
  const retired = orphaned > orphans.length ? "backups" : counted(parents, "backup", "backups")
  const named = orphans.slice(0, MOST_LINES).map(describeOrphan)
  const more = orphaned > named.length ? ` and ${orphaned - named.length} more` : ""
  const children = counted(orphaned, "increment depends", "increments depend")
  const them = retired === "1 backup" ? "it" : "them"
  const ids = orphans.map(({ id }) => id)
  const below = countBelow(ids, records)
  const least = orphaned > orphans.length ? "At least " : ""
  const those = orphaned === 1 ? "that increment" : "those increments"
  const further =
    below === 0 ? "" : ` ${least}${counted(below, "more backup depends", "more backups depend")} on ${those}.`
  const done = dryRun ? "would retire" : "retired"
  return `${escapeText(source)}: ${done} ${retired}, but ${children} on ${them}: ${named.join(", ")}${more}.${further}`
}

const describeRejections = ({ result, records }: Outcome): ReadonlyArray<string> =>
  result.rejections.map(({ line, id, reason }) => {
    const native = records?.[line - 1]?.nativeId
    const which = native ?? Option.match(id, { onNone: () => `line ${line}`, onSome: (id) => `line ${line} (${id})` })
    return escapeText(`${result.source}: ${which} was rejected: ${reason}`)
  })

/** What `backups check` will not see; undefined when there is none. */
export const describeUnassigned = ({ result: { source }, records = [] }: Outcome): string | undefined => {
  const count = records.filter(({ backup }) => Option.isNone(backup.instanceId)).length
  if (count === 0) return undefined
  const what = counted(count, "backup has no instance, and is", "backups have no instance, and are")
  return `${escapeText(source)}: ${what} not seen by backups check.`
}

const wordsOf = ({ place, message }: Problem): string => (place === "" ? message : `${place}: ${message}`)

/** What a person is to be told of an import besides its counts, a line each. */
export const notesOf = (outcome: Outcome): ReadonlyArray<string> => {
  const { result, problems } = outcome
  const orphans = describeOrphans(outcome)
  return [
    ...firstLines(problems.map((problem) => escapeText(`${result.source}: ${wordsOf(problem)}.`))),
    ...firstLines(describeRejections(outcome), result.rejected),
    ...(orphans === undefined ? [] : [orphans])
  ]
}

const describeIncomplete = ({ complete, isPart, task, problems }: Outcome): ReadonlyArray<string> => {
  // Whoever merges has said so.
  if (complete || (isPart === true && task.mode === "merge")) return []
  const [first, ...others] = problems
  // Of several nobody can tell by which of them something is missing.
  const why = first === undefined ? "" : ` (${others.length === 0 ? wordsOf(first) : "for what is said above"})`
  const retired = task.mode === "snapshot" ? "nothing was retired, since " : ""
  return [`${retired}this is not all that the source has${why}`]
}

/** Why an import did not do all that it was to do, in one sentence; undefined when it did. */
export const describeLeft = (outcome: Outcome): string | undefined => {
  const { result } = outcome
  const reasons = [
    ...(result.rejected === 0 ? [] : [`${counted(result.rejected, "line was", "lines were")} rejected`]),
    ...describeIncomplete(outcome),
    ...Option.toArray(Option.map(result.message, (message) => message.replace(/\.$/, "")))
  ]
  return reasons.length === 0 ? undefined : `${result.source}: ${reasons.join("; ")}.`
}
