import Database from "better-sqlite3"

/** Copies an SQLite database, as it is at one moment, into a file; others may read and write it meanwhile. */
export const copyDatabase = async (path: string, target: string): Promise<void> => {
  const database = new Database(path, { readonly: true, fileMustExist: true })
  try {
    // One moment for all of it: SQLite begins anew with each write of another process that it sees, for ever where they
    // go on.
    database.exec("BEGIN")
    database.pragma("schema_version")
    await database.backup(target)
  } finally {
    database.close()
  }
}
