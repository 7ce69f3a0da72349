import { type Difference, ImportResult } from "@backup-catalog/core"
import { Option, Schema } from "effect"
import { safeJson } from "../output/safeJson.ts"
import { type TextColumn, textTable } from "../output/textTable.ts"
import { describeResult } from "./describeOutcome.ts"
import type { Outcome } from "./performTask.ts"

const encode = Schema.encodeSync(ImportResult)

/** The result of an import for programs: as the API has it, with what its inventory was like. */
export const writtenAsJson = ({ result, complete, problems }: Outcome): string =>
  `${safeJson({ ...encode(result), complete, problems }, 2)}\n`

const columns: ReadonlyArray<TextColumn> = [
  { title: "CHANGE" },
  { title: "INSTANCE", least: 8 },
  { title: "NAME", least: 11 },
  { title: "ID", below: true },
  { title: "MEMBERS", least: 8 }
]

const rowOf = ({ change, instanceId, name, id, members }: Difference): ReadonlyArray<string> => [
  change === "created" ? "new" : change === "updated" ? "changed" : "retired",
  Option.getOrElse(instanceId, () => "-"),
  name,
  id,
  members.join(" ") || "-"
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
    text: differences.length === 0 ? "" : textTable(columns, differences.map(rowOf), room),
    notes: [
      ...(more > 0 ? [`And ${more} more differences.`] : []),
      `Nothing was changed. Without --dry-run, this would be ${counts}`
    ]
  }
}
