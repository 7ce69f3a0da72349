import { tableOf } from "../output/table.ts"
import type { Column } from "../rows/Column.ts"
import type { SourceEnd } from "./syncRound.ts"

const columns: ReadonlyArray<Column<SourceEnd>> = [
  { name: "source", value: ({ name }) => name },
  { name: "result", value: ({ end }) => end },
  { name: "new", value: ({ result }) => result?.created ?? null },
  { name: "changed", value: ({ result }) => result?.updated ?? null },
  { name: "unchanged", value: ({ result }) => result?.unchanged ?? null },
  { name: "retired", value: ({ result }) => result?.retired ?? null },
  { name: "rejected", value: ({ result }) => result?.rejected ?? null }
]

/** What came of all sources, as a table in so much room. */
export const roundTable = (ends: ReadonlyArray<SourceEnd>, room: number | undefined): string =>
  tableOf(columns, ends, room, { least: { source: 8 } })
