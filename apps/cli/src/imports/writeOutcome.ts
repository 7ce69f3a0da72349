import { type Difference, ImportResult } from "@backup-catalog/core"
import { Option, Schema } from "effect"
import { safeJson } from "../output/safeJson.ts"
import { tableOf } from "../output/table.ts"
import type { Column } from "../rows/Column.ts"
import { describeResult } from "./describeOutcome.ts"
import type { Outcome } from "./performTask.ts"

const encode = Schema.encodeSync(ImportResult)

/** The result of an import for programs: as the API has it, with what its inventory was like. */
export const writtenAsJson = ({ result, complete, problems }: Outcome): string =>
  `${safeJson({ ...encode(result), complete, problems }, 2)}\n`

const changes = { created: "new", updated: "changed", retired: "retired" } as const

const columns: ReadonlyArray<Column<Difference>> = [
  { name: "change", value: ({ change }) => changes[change] },
  { name: "instance", value: ({ instanceId }) => Option.getOrNull(instanceId) },
  { name: "name", value: ({ name }) => name },
  { name: "id", value: ({ id }) => id },
  { name: "members", value: ({ members }) => members.join(" ") || null }
]

/** The result of an import for people, in so much room, and what they should be told besides. */
export const writtenForPeople = (
  { result }: Outcome,
  room: number | undefined
): { readonly text: string; readonly notes: ReadonlyArray<string> } => {
  const counts = describeResult(result)
  if (!result.dryRun) return { text: `${counts}\n`, notes: [] }
  const { differences } = result
  const more = result.created + result.updated + result.retired - differences.length
  return {
    text: tableOf(columns, differences, room, { least: { instance: 8, name: 11, members: 8 }, below: "id" }),
    notes: [
      ...(more > 0 ? [`And ${more} more differences.`] : []),
      `Nothing was changed. Without --dry-run, this would be ${counts}`
    ]
  }
}
