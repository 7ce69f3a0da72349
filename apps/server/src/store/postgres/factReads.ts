import type { AccountId, Backup, BackupId, Datastore, InstanceFacts, InstanceId, Position } from "@backup-catalog/core"
import type { SqlError } from "@effect/sql"
import { Effect, Option } from "effect"
import { type BackupRow, READ_COLUMNS, toBackup } from "../backupRows.ts"
import {
  type FactReads,
  factsOf,
  GLANCE_COLUMNS,
  type GlanceRow,
  type InstanceRow,
  type LinkRow,
  ROWS_PER_READ
} from "../instanceFacts.ts"
import { chainSql } from "./chainSql.ts"
import { rowById } from "./rowById.ts"
import { bigints, texts } from "./storable.ts"
import type { Transactions } from "./transactions.ts"

const WANTED = "unnest($2::text[], $3::bigint[], $4::text[]) AS wanted (instance, since, id)"

const NEWEST = `
  SELECT wanted.instance, wanted.since, wanted.id AS after, newest.* FROM ${WANTED} CROSS JOIN LATERAL (
    SELECT ${GLANCE_COLUMNS} FROM backups
    WHERE account = $1 AND instance_id = wanted.instance AND (created, id) < (wanted.since, wanted.id)
    ORDER BY created DESC, id DESC LIMIT ${ROWS_PER_READ}
  ) AS newest ORDER BY newest.created DESC, newest.id DESC`

const FAILURES = `
  SELECT wanted.instance, wanted.since, wanted.id AS after, (
    SELECT count(*) FROM backups WHERE account = $1 AND instance_id = wanted.instance
      AND (created, id) > (wanted.since, wanted.id) AND status = 'FAILED') AS failures
  FROM ${WANTED}`

const SAID = (column: string) => `(
    SELECT ${column} FROM origins
    WHERE account = $1 AND origins.id BETWEEN chain.id AND chain.id AND ${column} IS NOT NULL
    ORDER BY origins.id, source LIMIT 1) AS ${column}`

/** Some backups and all that they descend from, with what is said of them; takes account and ids. */
export const CHAINS = `${chainSql('SELECT unnest($2::text[]) COLLATE "C"')}
  SELECT chain.id, status, parent_id, CASE WHEN chain.id = ANY($2::text[]) THEN record END AS record,
    ${SAID("suspect")}, ${SAID("native_parent_id")}
  FROM chain LEFT JOIN LATERAL (
    ${rowById("status, parent_id, record", "backups", "chain.id")}
  ) AS backup ON true`

const newestIn = (table: string) => `
  SELECT ${READ_COLUMNS} FROM ${table} WHERE account = $1 AND instance_id = wanted.instance AND datastore IS NOT NULL
  ORDER BY created DESC, id DESC LIMIT 1`

const DATASTORES = `
  SELECT wanted.instance, found.* FROM unnest($2::text[]) AS wanted (instance) CROSS JOIN LATERAL (
    SELECT ${READ_COLUMNS} FROM (
      SELECT 1 AS rank, here.* FROM (${newestIn("backups")}) AS here
      UNION ALL SELECT 2, gone.* FROM (${newestIn("retired")}) AS gone
    ) AS either ORDER BY rank LIMIT 1
  ) AS found`

interface Wanted {
  readonly instance: InstanceId
  readonly since: bigint
  readonly after: BackupId
}

interface ChainRow extends Partial<LinkRow> {
  readonly id: BackupId
  readonly status: LinkRow["status"]
  readonly record: string | null
  readonly suspect: string | null
  readonly native_parent_id: string | null
}

/** Thrown by a read that is yet to be made, and then tried again. */
class NotYet {
  constructor(readonly note: () => void) {}
}

const keyOf = (instance: InstanceId, { created, id }: Position) => JSON.stringify([instance, String(created), id])

const keyOfRow = ({ instance, since, after }: Wanted) => JSON.stringify([instance, String(since), after])

/** What was read so far of an account, and what was asked for that is yet to be read. */
const makeCache = (account: AccountId, { rows }: Transactions) => {
  const newest = new Map<string, Array<GlanceRow>>()
  const failures = new Map<string, number>()
  const chains = new Map<BackupId, ChainRow>()
  const datastores = new Map<InstanceId, Datastore | undefined>()
  const wanted = {
    newest: new Map<string, readonly [InstanceId, Position]>(),
    failures: new Map<string, readonly [InstanceId, Position]>(),
    chains: new Set<BackupId>(),
    datastores: new Set<InstanceId>()
  }

  const chainOf = (id: BackupId): ChainRow => {
    const known = chains.get(id)
    if (known === undefined) throw new NotYet(() => wanted.chains.add(id))
    return known
  }

  const wantedOf =
    <A>(known: Map<string, A>, asked: Map<string, readonly [InstanceId, Position]>) =>
    (instance: InstanceId, position: Position): A => {
      const key = keyOf(instance, position)
      const value = known.get(key)
      if (value === undefined) throw new NotYet(() => asked.set(key, [instance, position]))
      return value
    }

  const reads: FactReads = {
    newest: wantedOf(newest, wanted.newest),
    failuresSince: wantedOf(failures, wanted.failures),
    nameOf: (id) => {
      const { record } = chainOf(id)
      // It was read as a link of another one's chain, without its record.
      if (record === null) throw new NotYet(() => wanted.chains.add(id))
      return (JSON.parse(record) as Pick<Backup, "name">).name
    },
    linkOf: (id) => {
      const { status, parent_id = null } = chainOf(id)
      return status === null ? undefined : { status, parent_id }
    },
    saidOf: (column, id) => chainOf(id)[column] ?? undefined,
    datastoreOf: (instance) => {
      if (!datastores.has(instance)) throw new NotYet(() => wanted.datastores.add(instance))
      return datastores.get(instance)
    }
  }

  const paramsOf = (asked: ReadonlyMap<string, readonly [InstanceId, Position]>) => {
    const all = [...asked.values()]
    return [
      account,
      texts(all.map(([instance]) => instance)),
      bigints(all.map(([, { created }]) => created)),
      texts(all.map(([, { id }]) => id))
    ]
  }

  const fetchNewest = Effect.gen(function* () {
    for (const key of wanted.newest.keys()) newest.set(key, [])
    for (const row of yield* rows<Wanted & GlanceRow>(NEWEST, paramsOf(wanted.newest))) {
      newest.get(keyOfRow(row))?.push(row)
    }
  })

  const fetchFailures = Effect.map(
    Effect.suspend(() => rows<Wanted & { failures: bigint }>(FAILURES, paramsOf(wanted.failures))),
    (found) => {
      for (const row of found) failures.set(keyOfRow(row), Number(row.failures))
    }
  )

  const fetchChains = Effect.map(
    Effect.suspend(() => rows<ChainRow>(CHAINS, [account, texts([...wanted.chains])])),
    (found) => {
      for (const row of found) if (row.record !== null || !chains.has(row.id)) chains.set(row.id, row)
    }
  )

  const fetchDatastores = Effect.gen(function* () {
    for (const instance of wanted.datastores) datastores.set(instance, undefined)
    for (const row of yield* rows<BackupRow & Wanted>(DATASTORES, [account, texts([...wanted.datastores])])) {
      datastores.set(row.instance, Option.getOrUndefined((yield* toBackup(row)).datastore))
    }
  })

  /** Reads all that was asked for: each kind in one statement. */
  const fetch = Effect.forEach(
    [
      [wanted.newest, fetchNewest],
      [wanted.failures, fetchFailures],
      [wanted.chains, fetchChains],
      [wanted.datastores, fetchDatastores]
    ] as const,
    ([asked, read]) => Effect.suspend(() => (asked.size === 0 ? Effect.void : Effect.map(read, () => asked.clear()))),
    { discard: true }
  )

  return { reads, fetch }
}

/**
 * The facts of some instances of an account.
 *
 * Facts are found by reads that depend on one another, of which each would be a round trip. So all instances go as far
 * as what was read lets them; what they then lack is read for all of them at once, and they begin again.
 */
export const factsOfAll = (
  transactions: Transactions,
  account: AccountId,
  instances: ReadonlyArray<InstanceRow>
): Effect.Effect<ReadonlyArray<InstanceFacts>, SqlError.SqlError> =>
  Effect.suspend(() => {
    const { reads, fetch } = makeCache(account, transactions)
    const facts = new Map<InstanceId, InstanceFacts>()
    const goOn = (instance: InstanceRow): boolean => {
      if (facts.has(instance.instance_id)) return true
      try {
        facts.set(instance.instance_id, factsOf(reads, instance))
        return true
      } catch (thrown) {
        if (!(thrown instanceof NotYet)) throw thrown
        thrown.note()
        return false
      }
    }
    const round = Effect.suspend(() => {
      const complete = instances.map(goOn).every((done) => done)
      return complete ? Effect.succeed(true) : Effect.as(fetch, false)
    })
    return Effect.map(Effect.repeat(round, { until: (complete) => complete }), () =>
      instances.flatMap(({ instance_id }) => facts.get(instance_id) ?? [])
    )
  })
