/** The tool whose name stands for records of this catalog's own form, which are sent as they are. */
export const RECORDS = "records"

/** What can be imported from, by the names of the importers; theirs are not asked, since they are loaded only when needed. */
export const toolNames: ReadonlyArray<string> = [
  "barman",
  "borg",
  "dumps",
  "mariabackup",
  "pgbackrest",
  "rds",
  "redis",
  "restic",
  "trove",
  "wal-g",
  RECORDS
]
