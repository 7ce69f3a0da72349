import { type BackupFilter, backupStatuses } from "@backup-catalog/core"

/** A value of each filter but the statuses. */
export type FilterValues = Required<Omit<BackupFilter, "include" | "statuses">>

/** Each combination of filters, each of them with its value or absent, and each with so many statuses. */
export const everyFilter = (values: FilterValues, counts: ReadonlyArray<number>): ReadonlyArray<BackupFilter> =>
  Object.entries(values).reduce<ReadonlyArray<BackupFilter>>(
    (filters, [name, value]) => filters.flatMap((filter) => [filter, { ...filter, [name]: value }]),
    counts.map((count) => (count === 0 ? {} : { statuses: backupStatuses.slice(3, 3 + count) }))
  )
