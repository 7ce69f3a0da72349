import { type Backup, decodeBackupFast, foldDatastore, formatInstant, type Instant } from "@backup-catalog/core"
import { Effect, Either, Option } from "effect"
import { CommandError } from "../../CommandError.ts"
import { Digest } from "./Digest.ts"
import type { StoreRows } from "./StoreRows.ts"
import { type Row, type Table, tables } from "./tables.ts"

/** What each table of a store holds. */
export type Digests = ReadonlyMap<string, Digest>

// The columns repeat what the record says, times more exactly, and a list goes by them.
const saidBy = ({ id, status, instanceId, parentId, datastore, created, updated }: Backup) => ({
  id,
  status,
  instance_id: Option.getOrNull(instanceId),
  parent_id: Option.getOrNull(parentId),
  datastore: Option.getOrNull(Option.map(datastore, ({ type }) => foldDatastore(type))),
  created: formatInstant(created),
  updated: formatInstant(updated)
})

const recordProblem = (table: Table, row: Row): string | undefined => {
  const names = Object.keys(table.columns)
  const of = (column: string) => row[names.indexOf(column)] ?? null
  let record: unknown
  try {
    record = JSON.parse(String(of("record")))
  } catch {
    return "is no JSON"
  }
  const backup = decodeBackupFast(record)
  if (Either.isLeft(backup)) return "cannot be read"
  const wrong = Object.entries(saidBy(backup.right)).find(([column, said]) => {
    const kept = of(column)
    return (typeof kept === "bigint" ? formatInstant(kept as Instant) : kept) !== said
  })
  return wrong === undefined ? undefined : `has another ${wrong[0]} than its row`
}

const check = (table: Table, rows: ReadonlyArray<Row>): Effect.Effect<void, CommandError> => {
  if (!("record" in table.columns)) return Effect.void
  for (const row of rows) {
    const problem = recordProblem(table, row)
    if (problem === undefined) continue
    return new CommandError({
      exitCode: 1,
      message: `The record of ${JSON.stringify(row[2])} of the account ${String(row[0])} in ${table.name} ${problem}.`
    })
  }
  return Effect.void
}

/** Reads all of a store, sees that its records are good, and gives what there is. */
export const digestStore = Effect.fnUntraced(function* (
  store: StoreRows,
  also: (table: Table, rows: ReadonlyArray<Row>) => Effect.Effect<void, CommandError> = () => Effect.void
) {
  const digests = new Map<string, Digest>()
  for (const table of tables) {
    const digest = new Digest()
    digests.set(table.name, digest)
    yield* store.each(table, (rows) => {
      for (const row of rows) digest.add(store.toKept(row))
      // A transaction of PostgreSQL is not broken off within a statement, so whoever stops it is heard between two.
      return Effect.all([Effect.allowInterrupt, check(table, rows), also(table, rows)], { discard: true })
    })
  }
  return digests as Digests
})

/** The tables in which two stores differ. */
export const differences = (one: Digests, other: Digests): ReadonlyArray<string> =>
  tables.flatMap(({ name }) => {
    const [a, b] = [one.get(name), other.get(name)]
    return a !== undefined && b !== undefined && a.equals(b) ? [] : [name]
  })
