import { Backup, backupStatuses, parseInstant } from "@backup-catalog/core"
import { Predicate, Schema } from "effect"
import type { Problem } from "../Importer.ts"
import { descriptionText, nameText, toolWords } from "../records/recordText.ts"

const knownStatuses: ReadonlySet<unknown> = new Set(backupStatuses)

/** An entry as it was repaired, and what was wrong with it. */
export interface Judged {
  readonly entry: unknown
  readonly problems: ReadonlyArray<Problem>
}

type Entry = Readonly<Record<string, unknown>>

/**
 * What an entry is to have instead of a member that no record can do without, and why; undefined where it is as it
 * should be.
 */
type Repair = (entry: Entry) => { readonly members: Entry; readonly message: string } | undefined

const ofStatus: Repair = ({ status, description }) => {
  if (knownStatuses.has(status)) return undefined
  const word = typeof status === "string" ? toolWords(status) : undefined
  const said = word === undefined ? "its server tells no status" : `its server says ${word}`
  const found = word === undefined ? "the server gives no status" : `the catalog does not know the status ${word}`
  return {
    members: {
      status: "FAILED",
      description: descriptionText([said, description].filter(Predicate.isString).join("; "))
    },
    message: `${found}, so the backup is imported as FAILED: see on the server what became of it`
  }
}

const isName = Schema.is(Backup.fields.name)

const ofName: Repair = ({ id, name }) => {
  if (isName(name)) return undefined
  const short = typeof name === "string" ? nameText(name) : undefined
  return short === undefined
    ? { members: { name: id }, message: "the backup has no name, so it is imported under its id" }
    : {
        members: { name: short },
        message: "the name is too long or has control characters, so it is imported in a changed form"
      }
}

const isTime = (value: unknown): boolean => typeof value === "string" && parseInstant(value) !== undefined

const ofUpdated: Repair = ({ created, updated }) =>
  isTime(updated) || !isTime(created)
    ? undefined
    : {
        members: { updated: created },
        message: "this is not a time, so the backup is imported as last changed when it was created"
      }

const repairs: ReadonlyArray<readonly [member: string, repair: Repair]> = [
  ["status", ofStatus],
  ["name", ofName],
  ["updated", ofUpdated]
]

/**
 * An entry with its instance: a backup of several that are one, for being highly available, names them only as its
 * source.
 */
const withInstance = (entry: Entry): Entry =>
  !entry.instance_id && Predicate.isRecord(entry.source) && entry.source.type === "ha"
    ? { ...entry, instance_id: entry.source.id }
    : entry

/** An entry with what a record cannot do without, as far as that can be told. */
export const repaired = (given: unknown, place: string): Judged => {
  if (!Predicate.isRecord(given)) return { entry: given, problems: [] }
  const problems: Array<Problem> = []
  let entry = withInstance(given)
  for (const [member, repair] of repairs) {
    const done = repair(entry)
    if (done === undefined) continue
    entry = { ...entry, ...done.members }
    problems.push({ place: `${place}.${member}`, message: done.message })
  }
  return { entry, problems }
}
