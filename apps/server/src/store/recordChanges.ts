import { type Backup, encodeBackup, formatInstantMicros } from "@backup-catalog/core"
import { Option } from "effect"

/** The longest text that a change keeps, in characters. */
const MAX_TEXT = 1000

/** Each member of a record that changed, from what to what. */
export type Changes = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>

const exactly = (backup: Backup): Readonly<Record<string, unknown>> => ({
  ...encodeBackup(backup),
  created: formatInstantMicros(backup.created),
  updated: formatInstantMicros(backup.updated)
})

// Half of a character beyond U+FFFF is no text that every reader of JSON takes.
const cut = (value: unknown): unknown =>
  typeof value === "string" && value.length > MAX_TEXT
    ? `${value.slice(0, MAX_TEXT).replace(/[\ud800-\udbff]$/, "")}…`
    : (value ?? null)

/** What is different between two objects, member by member. */
export const changesOf = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>
): Changes => {
  const changes: Record<string, { from: unknown; to: unknown }> = {}
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [from, to] = [before[name], after[name]]
    if (JSON.stringify(from ?? null) !== JSON.stringify(to ?? null)) changes[name] = { from: cut(from), to: cut(to) }
  }
  return changes
}

/** What is different between two records of a backup: all of it but the id where the one before cannot be read. */
export const recordChanges = (before: Option.Option<Backup>, after: Backup): Changes =>
  changesOf(Option.match(before, { onNone: () => ({ id: after.id }), onSome: exactly }), exactly(after))

/** Something that happened to a backup. */
export interface Happened {
  readonly id: string
  readonly changes?: Changes
}
