/** What a column has. */
export type Kind = "text" | "integer" | "boolean" | "bytes"

/** A table that both stores have, with the columns that mean the same in both. */
export interface Table {
  readonly name: string
  readonly columns: Readonly<Record<string, Kind>>
  /** Where SQLite has them, when it is not the table itself. */
  readonly inSqlite?: string
}

/** The value of a column: bytes in hexadecimal digits, true and false as 1 and 0. */
export type Value = string | bigint | null

/** A row, in the order of the columns of its table. */
export type Row = ReadonlyArray<Value>

const record: Table["columns"] = {
  account: "text",
  created: "integer",
  id: "text",
  updated: "integer",
  instance_id: "text",
  status: "text",
  datastore: "text",
  parent_id: "text",
  size_bytes: "integer",
  record: "text"
}

/** All that a store keeps, but for what running imports have met so far. */
export const tables: ReadonlyArray<Table> = [
  { name: "accounts", columns: { account: "text", version: "integer" } },
  // Before what has backups of them.
  { name: "instances", columns: { account: "text", instance_id: "text", gone: "integer" } },
  { name: "backups", columns: { ...record, datastore_version: "text" } },
  { name: "retired", columns: { ...record, retired: "integer" } },
  {
    name: "tokens",
    columns: { hash: "bytes", account: "text", role: "text", created: "integer", expires: "integer" }
  },
  {
    name: "sources",
    columns: { account: "text", number: "integer", name: "text", running: "integer", heard: "integer" }
  },
  {
    name: "imports",
    columns: {
      ...{ account: "text", number: "integer", id: "text", source: "integer", mode: "text", status: "text" },
      ...{ started: "integer", finished: "integer", created: "integer", updated: "integer", unchanged: "integer" },
      ...{ retired: "integer", rejected: "integer", orphaned: "integer", message: "text" }
    }
  },
  {
    name: "origins",
    columns: {
      ...{ account: "text", source: "integer", id: "text", native_id: "text", native_parent_id: "text" },
      ...{ suspect: "text", appeared: "integer", import: "integer" }
    },
    // One whose source is gone is a row as well, of no account.
    inSqlite: "origins LEFT JOIN sources ON sources.number = origins.source"
  },
  {
    name: "events",
    columns: {
      ...{ account: "text", id: "text", at: "integer", number: "integer", event: "text" },
      ...{ import: "integer", changes: "text" }
    }
  },
  { name: "policies", columns: { account: "text", policy: "text", metrics: "boolean" } }
]
