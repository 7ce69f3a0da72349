// Percona's own number has two parts up to 5.6, where Debian's has one; from 5.7 on it has one to three digits, where
// clouds put a date.
const numbered = [
  String.raw`5\.[0-6]\.\d+-(?:rel)?\d+\.\d+`,
  String.raw`(?!5\.[0-6]\.)\d+\.\d+\.\d+-\d{1,3}(?:\.\d+)?(?:rc\d+)?`
]
// That of Percona XtraDB Cluster stands behind it.
const perconaServer = new RegExp(`^((?:${numbered.join("|")})(?:-5[567])?)(?:-(?:log|debug|valgrind|asan))*$`, "i")

/**
 * The datastore that a server of the MySQL family says it is: `10.11.19-MariaDB-0+deb12u1-log` is MariaDB 10.11.19,
 * `8.0.35-27` Percona (its own number behind that of MySQL), `8.0.11-TiDB-v7.5.1` TiDB 7.5.1, `5.7.25-TiDB-None` TiDB
 * of no version, `8.0.40-0ubuntu0.24.04.1` MySQL 8.0.40.
 */
export const mysqlServer = (version: string): { readonly type: string; readonly version: string | undefined } => {
  // MariaDB told old clients that it is 5.5.5 in front of its own version.
  const mariadb = /^(?:5\.5\.5-)?(\S*?)-(?:\d+-)?mariadb/i.exec(version)
  if (mariadb?.[1] !== undefined) return { type: "MariaDB", version: mariadb[1] }
  const tidb = /-TiDB\b(?:-v?(\d+(?:\.\d+)*))?/i.exec(version)
  if (tidb !== null) return { type: "TiDB", version: tidb[1] }
  const percona = perconaServer.exec(version)
  if (percona?.[1] !== undefined) return { type: "Percona", version: percona[1] }
  return { type: "MySQL", version: /^\d+(?:\.\d+)*/.exec(version)?.[0] ?? version }
}
