import type { Inventory, Problem, SourceRecord } from "./Importer.ts"

/** A record, and where in the output it is. */
export interface PlacedRecord {
  readonly place: string
  readonly record: SourceRecord
}

/** An inventory of records in the order of the output; a backup that is listed twice is kept once, and reported. */
export const inventoryOf = (
  placed: ReadonlyArray<PlacedRecord>,
  problems: ReadonlyArray<Problem>,
  complete: boolean
): Inventory => {
  const records = new Map<string, SourceRecord>()
  const repeated: Array<Problem> = []
  for (const { place, record } of placed) {
    if (records.has(record.backup.id)) {
      repeated.push({ place, message: `${record.nativeId} is listed twice, and only the first was imported` })
    } else {
      records.set(record.backup.id, record)
    }
  }
  return { records: [...records.values()], problems: [...problems, ...repeated], complete }
}
