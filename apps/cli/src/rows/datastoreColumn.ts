import type { BackupRecord } from "@backup-catalog/core"
import type { Column } from "./Column.ts"

/** The column of what has a datastore: its type, and for people its version too. */
export const datastoreColumn: Column<{ readonly record: Pick<BackupRecord, "datastore"> }> = {
  name: "datastore",
  value: ({ record }) => record.datastore?.type ?? null,
  human: ({ record: { datastore } }) =>
    datastore == null ? null : datastore.version == null ? datastore.type : `${datastore.type} ${datastore.version}`,
  member: ({ record }) => record.datastore
}
