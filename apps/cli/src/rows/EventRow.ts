import { formatInstant, HistoryEvent } from "@backup-catalog/core"
import { Option, Schema } from "effect"
import { type Column, named } from "./Column.ts"
import type { Shape } from "./Shape.ts"

/** One thing that happened to a backup. */
export type EventRow = HistoryEvent

/** The record of an event in its wire form. */
export const encodeEvent = Schema.encodeSync(HistoryEvent)

const shown = (value: unknown): string => {
  if (value === null || value === undefined) return "-"
  return typeof value === "string" ? value : JSON.stringify(value)
}

const changesOf = ({ changes }: EventRow): string | null => {
  const each = Object.entries(changes).map(([name, { from, to }]) => `${name} ${shown(from)} → ${shown(to)}`)
  return each.length === 0 ? null : each.join(", ")
}

const columns: ReadonlyArray<Column<EventRow>> = [
  { name: "at", value: ({ at }) => formatInstant(at), human: ({ at }) => `${formatInstant(at)}Z` },
  { name: "event", value: ({ event }) => event },
  { name: "source", value: ({ import: through }) => Option.getOrNull(Option.map(through, ({ source }) => source)) },
  { name: "import_id", value: ({ import: through }) => Option.getOrNull(Option.map(through, ({ id }) => id)) },
  { name: "changes", value: changesOf }
]

/** The shape of what happened to a backup. */
export const eventShape: Shape<EventRow> = {
  columns,
  table: named(columns, "at", "event", "source", "changes"),
  wide: columns,
  vertical: columns,
  flat: columns,
  record: (row) => encodeEvent(row),
  colour: () => undefined,
  room: {
    least: { source: 8, changes: 16 },
    usual: { at: 20, event: 8 },
    dispensable: ["source"],
    below: "changes",
    dispensableAtLast: ["source"]
  }
}
