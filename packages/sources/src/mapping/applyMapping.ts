import { InstanceId } from "@backup-catalog/core"
import { Option, Schema } from "effect"
import type { Inventory, Problem } from "../Importer.ts"
import { shownText } from "../records/recordText.ts"
import { type Mapping, wholeName } from "./Mapping.ts"

/** What an inventory is of: the name of its source, and of the importer that read it. */
export interface MappedSource {
  readonly source: string
  readonly tool: string
}

const isInstanceId = Schema.is(InstanceId)

/** What the rules make of the name of an instance; itself where none fits. */
const renamer = ({ instances }: Mapping, { source, tool }: MappedSource): ((name: string) => string) => {
  const rules = instances
    .filter((rule) => (rule.source ?? source) === source && (rule.tool ?? tool) === tool)
    .map(({ match, to }) => ({ expression: wholeName(match), to }))
  return (name) => {
    const rule = rules.find(({ expression }) => expression.test(name))
    return rule === undefined ? name : name.replace(rule.expression, rule.to)
  }
}

const noName = (name: InstanceId, made: string): Problem => ({
  place: name,
  message: `the mapping renames this instance to ${JSON.stringify(shownText(made))}, which is not a valid name, so it keeps its own`
})

/**
 * An inventory with the instances called as a mapping says. Ids never change by that. An instance whose new name is
 * none keeps its own, and is reported.
 */
export const applyMapping = (mapping: Mapping, from: MappedSource, inventory: Inventory): Inventory => {
  const rename = renamer(mapping, from)
  const problems: Array<Problem> = []
  const known = new Map<InstanceId, InstanceId>()
  const renamed = (name: InstanceId): InstanceId => {
    const before = known.get(name)
    if (before !== undefined) return before
    const made = rename(name)
    const isName = isInstanceId(made)
    if (!isName) problems.push(noName(name, made))
    known.set(name, isName ? made : name)
    return isName ? made : name
  }
  const records = inventory.records.map((record) => ({
    ...record,
    backup: { ...record.backup, instanceId: Option.map(record.backup.instanceId, renamed) }
  }))
  return { ...inventory, records, problems: [...inventory.problems, ...problems] }
}
