import {
  Backup,
  Datastore,
  decodeBackupFast,
  describeParseErrors,
  encodedNames,
  wasRetired
} from "@backup-catalog/core"
import { Either, Option, Predicate } from "effect"

/** One record of a text, by its place in it: `line 3`, `record 2`; empty for the only one. */
export interface PlacedRecord {
  readonly place: string
  readonly backup: Backup
}

const members = encodedNames(Backup)
const datastoreMembers = encodedNames(Datastore)

const soleMember = (value: unknown, name: string): unknown =>
  Predicate.isRecord(value) && Object.keys(value).length === 1 ? value[name] : undefined

const unknownMember = (record: { readonly [member: string]: unknown }): string | undefined => {
  const unknown = Object.keys(record).find((name) => !members.has(name))
  if (unknown !== undefined || !Predicate.isRecord(record.datastore)) return unknown
  const inside = Object.keys(record.datastore).find((name) => !datastoreMembers.has(name))
  return inside === undefined ? undefined : `datastore.${inside}`
}

const parseRecord = (value: unknown): Either.Either<Backup, string> => {
  const record = soleMember(value, "backup") ?? value
  if (!Predicate.isRecord(record)) return Either.left("it must be a JSON object, the record of a backup")
  const unknown = unknownMember(record)
  // What a misspelt member was to say would be lost.
  if (unknown !== undefined) return Either.left(`the member ${JSON.stringify(unknown)} is not known`)
  return Either.filterOrLeft(
    Either.mapLeft(decodeBackupFast(record), (error) => describeParseErrors(error, "it")),
    ({ retiredAt }) => retiredAt === undefined,
    () => `it ${wasRetired()}`
  )
}

const parseJson = (text: string): Either.Either<unknown, string> =>
  Either.try({ try: (): unknown => JSON.parse(text), catch: () => "it is not JSON" })

type Entry = readonly [place: string, value: Either.Either<unknown, string>]

const isPage = (value: unknown): boolean =>
  Predicate.isRecord(value) && Object.hasOwn(value, "backups") && Object.hasOwn(value, "links")

const documentEntries = (value: unknown): ReadonlyArray<Entry> => {
  if (isPage(value)) {
    return [["", Either.left("this is one page of a list; backups list -o ndjson gives all of it")]]
  }
  const list = soleMember(value, "backups") ?? value
  if (!Array.isArray(list)) return [["", Either.right(value)]]
  return list.map((one: unknown, index) => [`record ${index + 1}`, Either.right(one)] as const)
}

const lineEntries = (text: string): ReadonlyArray<Entry> => {
  const indented = text.trimStart().startsWith("{")
  return text
    .split("\n")
    .map((line, index) => [`line ${index + 1}`, line] as const)
    .filter(([, line]) => line.trim() !== "")
    .map(([place, line], index) => {
      const value = parseJson(line)
      const split = indented && index === 0
      return [place, split ? Either.mapLeft(value, (why) => `${why}; jq -c writes one a line`) : value] as const
    })
}

/**
 * The same records, each behind the one that it is incremental to: a catalog takes none whose parent it does not have.
 */
const parentsFirst = (records: ReadonlyArray<PlacedRecord>): ReadonlyArray<PlacedRecord> => {
  const byId = new Map(records.map((record) => [record.backup.id, record] as const))
  const ordered = new Set<PlacedRecord>()
  for (const record of records) {
    const chain = new Set<PlacedRecord>()
    let next: PlacedRecord | undefined = record
    while (next !== undefined && !ordered.has(next) && !chain.has(next)) {
      chain.add(next)
      next = Option.getOrUndefined(Option.flatMapNullable(next.backup.parentId, (parent) => byId.get(parent)))
    }
    for (const one of [...chain].reverse()) ordered.add(one)
  }
  return [...ordered]
}

/**
 * The records of a text: one, alone or as `{"backup":…}`; a JSON array of them, or `{"backups":[…]}`; or one on each
 * line. Parents come before what is incremental to them. When some are none, why, each with its place; an empty text is
 * none as well.
 */
export const parseRecords = (
  text: string
): Either.Either<ReadonlyArray<PlacedRecord>, readonly [string, ...ReadonlyArray<string>]> => {
  const whole = parseJson(text)
  const entries = Either.isRight(whole) ? documentEntries(whole.right) : lineEntries(text)
  const records: Array<PlacedRecord> = []
  const problems: Array<string> = []
  const placeOf = new Map<string, string>()
  for (const [place, value] of entries) {
    const record = Either.flatMap(value, parseRecord)
    const before = Either.isRight(record) ? placeOf.get(record.right.id) : undefined
    if (Either.isLeft(record)) problems.push(place === "" ? record.left : `${place}: ${record.left}`)
    else if (before !== undefined) problems.push(`${place}: its id is that of ${before}`)
    else {
      placeOf.set(record.right.id, place)
      records.push({ place, backup: record.right })
    }
  }
  const [problem = records.length === 0 ? "it has no record" : undefined, ...others] = problems
  return problem === undefined ? Either.right(parentsFirst(records)) : Either.left([problem, ...others])
}
