import {
  type BackupGlance,
  type CoverageEntry,
  CoverageEntry as Entry,
  formatInstant,
  type Verdict
} from "@backup-catalog/core"
import { Option, Schema } from "effect"
import { formatAge } from "./Age.ts"
import { type Column, named } from "./Column.ts"
import { datastoreColumn } from "./datastoreColumn.ts"
import type { Colour, Shape } from "./Shape.ts"

/** What the catalog says of an instance, with all that a column may show of it. */
export interface CoverageRow {
  readonly entry: CoverageEntry
  readonly record: typeof Entry.Encoded
}

const encode = Schema.encodeSync(Entry)

/** The row of what the catalog says of an instance. */
export const makeCoverageRow = (entry: CoverageEntry): CoverageRow => ({ entry, record: encode(entry) })

type Glance = (row: CoverageRow) => Option.Option<BackupGlance>

const of =
  <A>(glance: Glance, member: (backup: BackupGlance) => A) =>
  (row: CoverageRow): A | null =>
    Option.getOrNull(Option.map(glance(row), member))

const usable: Glance = ({ entry }) => entry.newestUsable
const newest: Glance = ({ entry }) => entry.newest

const columns: ReadonlyArray<Column<CoverageRow>> = [
  { name: "instance_id", value: ({ entry }) => entry.instanceId },
  datastoreColumn,
  { name: "verdict", value: ({ entry }) => entry.verdict },
  {
    name: "age",
    value: ({ record }) => record.age ?? null,
    human: ({ entry }) => Option.getOrNull(Option.map(entry.age, (seconds) => formatAge(seconds * 1000)))
  },
  { name: "max_age", value: ({ entry }) => entry.maxAge },
  {
    name: "newest_usable",
    value: of(usable, ({ created }) => formatInstant(created)),
    human: of(usable, ({ created }) => `${formatInstant(created)}Z`),
    member: ({ record }) => record.newest_usable
  },
  { name: "newest_usable_id", value: of(usable, ({ id }) => id) },
  { name: "newest_usable_name", value: of(usable, ({ name }) => name) },
  {
    name: "newest",
    value: of(newest, ({ created }) => formatInstant(created)),
    human: of(newest, ({ created }) => `${formatInstant(created)}Z`),
    member: ({ record }) => record.newest
  },
  { name: "newest_id", value: of(newest, ({ id }) => id) },
  { name: "newest_status", value: of(newest, ({ status }) => status) },
  { name: "failures_since", value: ({ entry }) => entry.failuresSince },
  { name: "reason", value: ({ entry }) => entry.reason }
]

const colours: Readonly<Record<Verdict, Colour>> = {
  fresh: "green",
  suspect: "yellow",
  stale: "red",
  never: "red",
  "broken-chain": "red"
}

/** The shape of what the catalog says of instances. */
export const coverageShape: Shape<CoverageRow> = {
  columns,
  table: named(columns, "instance_id", "verdict", "age", "max_age", "newest_usable", "failures_since", "reason"),
  wide: columns,
  vertical: columns,
  flat: columns,
  record: ({ record }) => record,
  colour: (name, { entry }) => (name === "verdict" ? colours[entry.verdict] : undefined),
  room: {
    least: { reason: 24 },
    // broken-chain, 364d, 36500d, a time.
    usual: { verdict: 12, age: 4, max_age: 7, newest_usable: 20 },
    dispensable: ["newest_usable", "max_age", "failures_since"],
    below: "reason",
    dispensableAtLast: ["newest_usable", "max_age", "failures_since", "age"]
  }
}
