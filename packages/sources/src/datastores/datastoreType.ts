const names: ReadonlyMap<string, string> = new Map([
  ["mysql", "MySQL"],
  ["mariadb", "MariaDB"],
  ["percona", "Percona"],
  ["postgresql", "PostgreSQL"],
  ["postgres", "PostgreSQL"],
  ["pgsql", "PostgreSQL"],
  ["redis", "Redis"],
  ["valkey", "Valkey"],
  ["mongodb", "MongoDB"],
  ["cassandra", "Cassandra"],
  ["couchbase", "Couchbase"],
  ["couchdb", "CouchDB"],
  ["db2", "DB2"],
  ["sqlserver", "SQLServer"],
  ["oracle", "Oracle"],
  ["sqlite", "SQLite"]
])

/**
 * The type of a datastore as people write it (`PostgreSQL`) from a name of its engine (`postgres`); an unknown one as
 * it is.
 */
export const datastoreType = (engine: string): string => names.get(engine.toLowerCase()) ?? engine
