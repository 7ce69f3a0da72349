/** A record as `load` takes it. */
export interface CatalogRecord {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly status: string
  readonly created: string
  readonly updated: string
  readonly size: number | null
  readonly instance_id: string | null
  readonly parent_id: string | null
  readonly locationRef: string | null
  readonly datastore?: { readonly type: string; readonly version: string; readonly version_id: string }
}

const uuid = (family: number, n: number): string =>
  `${family.toString(16).padStart(8, "0")}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`

const instant = (minutes: number): string =>
  new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString().slice(0, 19)

const mysql = { type: "MySQL", version: "8.0", version_id: uuid(0xd1, 1) }
const postgresql = { type: "PostgreSQL", version: "16", version_id: uuid(0xd2, 1) }

/** The instances of the project `shop`; the last one's id is none that clients take for an id. */
export const instances = { orders: uuid(0x1a, 1), ledger: uuid(0x1a, 2), archive: "archive-1" }

const record = (id: string, minutes: number, rest: Partial<CatalogRecord>): CatalogRecord => ({
  id,
  name: "nightly",
  description: null,
  status: "COMPLETED",
  created: instant(minutes),
  updated: instant(minutes + 5),
  size: 0.5,
  instance_id: instances.orders,
  parent_id: null,
  locationRef: `https://objects.example.com/backups/${id}.xbstream.gz`,
  datastore: mysql,
  ...rest
})

const withoutDatastore = ({ datastore: _, ...rest }: CatalogRecord): CatalogRecord => rest

/** The backups of `shop`, newest first: one of each kind that a client has to show. */
export const shop = {
  running: withoutDatastore(
    record(uuid(0x5a, 6), 600, { name: "running", status: "NEW", size: null, locationRef: null })
  ),
  failed: record(uuid(0x5a, 5), 500, {
    name: "séance – 備份 🗄",
    description: 'two\nlines, and a "quote"',
    status: "FAILED",
    datastore: postgresql,
    instance_id: instances.ledger
  }),
  moved: record(uuid(0x5a, 4), 400, { name: "moved", status: "RESTORED", instance_id: null }),
  archived: record(uuid(0x5a, 7), 350, { name: "archived", instance_id: instances.archive }),
  ledger: record(uuid(0x5a, 3), 300, {
    name: "ledger",
    size: 1.25,
    instance_id: instances.ledger,
    datastore: postgresql
  }),
  increment: record(uuid(0x5a, 2), 200, { name: "increment", parent_id: uuid(0x5a, 1) }),
  nightly: record(uuid(0x5a, 1), 100, { description: "the whole of orders" })
}

/** How many backups the project `bank` has: two pages and a half. */
export const BANK_SIZE = 2500

/**
 * The backups of `bank`, newest first; each third has the same time as the one before, and each fifth is of another
 * datastore.
 */
export const bank: ReadonlyArray<CatalogRecord> = Array.from({ length: BANK_SIZE }, (_, index) => {
  const n = BANK_SIZE - index
  return record(uuid(0xba, n), n - (n % 3 === 0 ? 1 : 0), {
    name: `bank-${n}`,
    instance_id: uuid(0x1b, n % 10),
    datastore: n % 5 === 0 ? postgresql : mysql
  })
}).sort((a, b) => (a.created === b.created ? (a.id < b.id ? 1 : -1) : a.created < b.created ? 1 : -1))

/** The backups of `lab`, which tests delete. */
export const lab = {
  chain: record(uuid(0x1ab, 1), 1, { name: "chain" }),
  chainChild: record(uuid(0x1ab, 2), 2, { name: "chain child", parent_id: uuid(0x1ab, 1) }),
  chainGrandchild: record(uuid(0x1ab, 3), 3, { name: "chain grandchild", parent_id: uuid(0x1ab, 2) }),
  busy: record(uuid(0x1ab, 4), 4, { name: "busy" }),
  busyChild: record(uuid(0x1ab, 5), 5, { name: "busy child", status: "BUILDING", parent_id: uuid(0x1ab, 4) }),
  byName: record(uuid(0x1ab, 6), 6, { name: "by name" }),
  byMember: record(uuid(0x1ab, 8), 8, { name: "by member" }),
  byTrove: record(uuid(0x1ab, 7), 7, { name: "by trove" })
}
