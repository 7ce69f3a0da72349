import { Backup } from "@backup-catalog/core"
import { Schema } from "effect"
import type { Inventory, Problem, SourceRecord } from "../Importer.ts"

/** A record, and where in the output it is. */
export interface PlacedRecord {
  readonly place: string
  readonly record: SourceRecord
}

const isSame = Schema.equivalence(Schema.typeSchema(Backup))

/**
 * An inventory of records in the order of the output; `isPart` is whether the output is only a part of what there is,
 * as was asked for. A backup that is listed twice is kept once, and reported; when the two differ, the inventory is not
 * complete.
 */
export const inventoryOf = (
  placed: ReadonlyArray<PlacedRecord>,
  problems: ReadonlyArray<Problem>,
  isWhole: boolean,
  isPart = false
): Inventory => {
  const records = new Map<string, SourceRecord>()
  const repeated: Array<Problem> = []
  let isClear = isWhole
  for (const { place, record } of placed) {
    const first = records.get(record.backup.id)
    if (first === undefined) {
      records.set(record.backup.id, record)
      continue
    }
    const isRepetition = isSame(first.backup, record.backup)
    if (!isRepetition) isClear = false
    const twice = isRepetition ? "twice" : "twice and differently, as two backups would be"
    repeated.push({ place, message: `${record.nativeId} is listed ${twice}, and only the first was imported` })
  }
  return {
    records: [...records.values()],
    problems: [...problems, ...repeated],
    complete: isClear && !isPart,
    ...(isClear && isPart ? { isPart } : {})
  }
}
