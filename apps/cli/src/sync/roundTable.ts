import { type TextColumn, textTable } from "../output/textTable.ts"
import type { SourceEnd } from "./syncRound.ts"

const counts = ["created", "updated", "unchanged", "retired", "rejected"] as const

const columns: ReadonlyArray<TextColumn> = [
  { title: "SOURCE", least: 8 },
  ...["RESULT", "NEW", "CHANGED", "UNCHANGED", "RETIRED", "REJECTED"].map((title) => ({ title }))
]

/** What came of all sources, as a table in so much room. */
export const roundTable = (ends: ReadonlyArray<SourceEnd>, room: number | undefined): string =>
  textTable(
    columns,
    ends.map(({ name, end, result }) => [name, end, ...counts.map((count) => String(result?.[count] ?? "-"))]),
    room
  )
