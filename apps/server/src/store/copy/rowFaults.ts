import {
  type Backup,
  decodeBackupFast,
  describeParseErrors,
  foldDatastore,
  formatInstant,
  HistoryEvent,
  Import,
  type Instant,
  SourceName,
  sizeInGigabytes
} from "@backup-catalog/core"
import { Effect, Either, Option, Schema } from "effect"
import { type HistoryRow, toHistoryEvent } from "../historyRows.ts"
import { type ImportRow, toImport } from "../imports/importRows.ts"
import { decodePolicy } from "../policyText.ts"
import { escaped } from "../postgres/storable.ts"
import { type TokenRow, toTokenRecord } from "../tokenRows.ts"
import type { Row, Table, Value } from "./tables.ts"

/** The value of a column of a row; undefined where its table has no such column. */
type Of = (column: string) => Value | undefined

/** What a row is called, and what is wrong with it; throws where it cannot be read. */
interface Check {
  readonly what: (of: Of) => string
  readonly wrong: (of: Of) => string | undefined
}

const encodeEvent = Schema.encodeSync(HistoryEvent)
const encodeImport = Schema.encodeSync(Import)
const isSourceName = Schema.is(SourceName)

const UNREADABLE = "cannot be read"

const REMEDY = "; put a good one in its place by PUT or an import, or remove it by DELETE"

// DELETE is of what is in the list.
const REMEDY_OF_RETIRED = "; bring back a good one with this id by PUT or an import, or let prune forget it"

const membersOf = (of: Of, columns: ReadonlyArray<string>): unknown =>
  Object.fromEntries(columns.map((column) => [column, of(column)]))

// The columns repeat what the record says, times and sizes more exactly, and lists go by them.
const saidBy = ({ id, status, instanceId, parentId, datastore, created, updated, size }: Backup) => ({
  id,
  status,
  instance_id: Option.getOrNull(instanceId),
  parent_id: Option.getOrNull(parentId),
  datastore: Option.getOrNull(Option.map(datastore, ({ type }) => foldDatastore(type))),
  datastore_version: Option.getOrNull(Option.flatMap(datastore, ({ versionId }) => versionId)),
  created: formatInstant(created),
  updated: formatInstant(updated),
  size_bytes: Option.getOrNull(Option.map(size, sizeInGigabytes))
})

const repeats = (column: string, kept: Value, said: string | number | null): boolean => {
  if (column === "size_bytes") return kept === null || said === sizeInGigabytes({ unit: "bytes", value: BigInt(kept) })
  if (typeof kept === "bigint") return said === formatInstant(kept as Instant)
  return kept === (typeof said === "string" ? escaped(said) : said)
}

const recordFault = (of: Of, remedy: string): string | undefined => {
  let record: unknown
  try {
    record = JSON.parse(String(of("record")))
  } catch {
    return `is no JSON${remedy}`
  }
  const backup = decodeBackupFast(record)
  if (Either.isLeft(backup)) return `${UNREADABLE}: ${describeParseErrors(backup.left, "it")}${remedy}`
  const wrong = Object.entries(saidBy(backup.right)).flatMap(([column, said]) => {
    const kept = of(column)
    return kept === undefined || repeats(column, kept, said) ? [] : [column]
  })
  return wrong.length === 0 ? undefined : `has another ${wrong.join(", ")} than its row`
}

const named =
  (noun: string, column = "id") =>
  (of: Of) =>
    `${noun} ${JSON.stringify(of(column))}`

const checksOf = (): Readonly<Record<string, Check>> => {
  const accounts = new Set<Value | undefined>()
  const instances = new Set<string>()
  const sources = new Map<string, SourceName>()
  const sourceOf = (of: Of) => sources.get(`${of("source")} ${of("account")}`)

  const ofAccount = (of: Of) => (accounts.has(of("account")) ? undefined : "has an account that is not there")
  const noSource = (of: Of) => `has the source ${of("source")}, which is not there`

  const ofInstance = (of: Of) => {
    const key = `${of("instance_id")} ${of("account")}`
    if (of("instance_id") === null || instances.has(key)) return undefined
    // Of an instance with thousands of backups it is said once.
    instances.add(key)
    return `has the instance ${of("instance_id")}, which is not in instances; migrate adds it`
  }

  const what = named("The record of")
  return {
    accounts: { what: () => "The version", wrong: (of) => void accounts.add(of("account")) },
    instances: {
      what: named("The instance", "instance_id"),
      wrong: (of) => void instances.add(`${of("instance_id")} ${of("account")}`)
    },
    backups: { what, wrong: (of) => recordFault(of, REMEDY) ?? ofAccount(of) ?? ofInstance(of) },
    retired: { what, wrong: (of) => recordFault(of, REMEDY_OF_RETIRED) ?? ofAccount(of) },
    tokens: {
      what: () => "A token",
      wrong: (of) => void Effect.runSync(toTokenRecord(membersOf(of, ["account", "role"]) as TokenRow))
    },
    sources: {
      what: named("The source", "name"),
      wrong: (of) => {
        const name = of("name")
        sources.set(`${of("number")} ${of("account")}`, name as SourceName)
        return isSourceName(name) ? undefined : UNREADABLE
      }
    },
    imports: {
      what: named("The import"),
      wrong: (of) => {
        const source = sourceOf(of)
        if (source === undefined) return noSource(of)
        const counts = ["created", "updated", "unchanged", "retired", "rejected", "orphaned"]
        const row = membersOf(of, ["id", "mode", "status", "started", "finished", "message", ...counts])
        encodeImport(toImport({ ...(row as ImportRow), source, held: true }))
        return undefined
      }
    },
    origins: {
      what: named("The origin of"),
      wrong: (of) => (sourceOf(of) === undefined ? noSource(of) : ofAccount(of))
    },
    events: {
      what: (of) => named(`The event ${of("event")} of`)(of),
      wrong: (of) => {
        encodeEvent(toHistoryEvent(membersOf(of, ["at", "event", "changes"]) as HistoryRow))
        return ofAccount(of)
      }
    },
    policies: { what: () => "The policy", wrong: (of) => void decodePolicy(String(of("policy"))) }
  }
}

const wrongOf = ({ wrong }: Check, of: Of): string | undefined => {
  try {
    return wrong(of)
  } catch {
    return UNREADABLE
  }
}

/**
 * Looks at the rows of a store, as PostgreSQL keeps them and table by table in the order of `tables`, and says in a
 * sentence what is not good: what the server cannot read or answer, what is not repeated as its record has it, and what
 * belongs to a source, an account or an instance that is not there.
 */
export const makeRowFault = (): ((table: Table) => (row: Row) => string | undefined) => {
  const checks = checksOf()
  return ({ name, columns }) => {
    const check = checks[name]
    if (check === undefined) return () => undefined
    const places = new Map(Object.keys(columns).map((column, n) => [column, n]))
    return (row) => {
      const of: Of = (column) => row[places.get(column) ?? -1]
      const wrong = wrongOf(check, of)
      if (wrong === undefined) return undefined
      const account = of("account")
      return `${check.what(of)}${account === null ? "" : ` of the account ${account}`} in ${name} ${wrong}.`
    }
  }
}
