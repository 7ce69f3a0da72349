import { type AccountId, type Backup, encodeBackup, formatInstantMicros } from "@backup-catalog/core"
import { Effect } from "effect"
import { OF_BACKUP, SOME_BACKUPS } from "./origins.ts"
import type { Transactions } from "./transactions.ts"

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

/** What is different between two records of a backup. */
export const recordChanges = (before: Backup, after: Backup): Changes => changesOf(exactly(before), exactly(after))

/** Something that happened to a backup. */
export interface Happened {
  readonly id: string
  readonly changes?: Changes
}

const WRITE = `
  INSERT INTO events (account, id, at, event, import, changes)
  SELECT ?, value ->> 0, ?, ?, ?, value ->> 1 FROM json_each(?)`

/** Notes that the same thing happened to some backups: at an instant, through an import or none. */
export const noteEvents = (
  { run }: Transactions,
  account: AccountId,
  event: "appeared" | "changed" | "retired" | "deleted",
  some: ReadonlyArray<Happened>,
  at: bigint,
  byImport: bigint | null
) => {
  const values = some.map(({ id, changes }) => [id, changes === undefined ? null : JSON.stringify(changes)])
  return run(WRITE, [account, at, event, byImport, JSON.stringify(values)])
}

const LOST = `
  UPDATE instances SET gone = ? WHERE (account, instance_id) IN (
    SELECT backups.account, backups.instance_id FROM ${SOME_BACKUPS} WHERE status = 'COMPLETED')`

/** Notes that instances are about to lose backups that ended well, to whatever becomes of them. */
export const noteLoss = ({ run }: Transactions, account: AccountId, ids: ReadonlyArray<string>, at: bigint) =>
  run(LOST, [at, JSON.stringify(ids), account])

const SETTLE = `
  INSERT INTO events (account, id, at, event, import)
  SELECT sources.account, origins.id, min(origins.appeared), 'appeared', origins.import
  FROM ${SOME_BACKUPS} ${OF_BACKUP} WHERE origins.appeared IS NOT NULL GROUP BY origins.id`

const UNCLAIM = `
  DELETE FROM origins WHERE (source, created, id) IN (
    SELECT origins.source, origins.created, origins.id FROM ${SOME_BACKUPS} ${OF_BACKUP})`

/** Takes some backups away, from all their sources, and keeps what happened to them: when they appeared, and this. */
export const removeRows = Effect.fnUntraced(function* (
  transactions: Transactions,
  account: AccountId,
  event: "retired" | "deleted",
  ids: ReadonlyArray<string>,
  at: bigint,
  byImport: bigint | null
) {
  const { run, raiseVersion } = transactions
  const json = JSON.stringify(ids)
  yield* noteLoss(transactions, account, ids, at)
  yield* run(SETTLE, [json, account])
  yield* run(UNCLAIM, [json, account])
  yield* run("DELETE FROM backups WHERE account = ? AND id IN (SELECT value FROM json_each(?))", [account, json])
  yield* noteEvents(
    transactions,
    account,
    event,
    ids.map((id) => ({ id })),
    at,
    byImport
  )
  yield* raiseVersion(account)
})
