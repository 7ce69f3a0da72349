import { mysqlServer } from "../datastores/mysqlServer.ts"
import type { DumpContent } from "./Dump.ts"

const START = 4_096
const title = /^-- (?:MySQL|MariaDB) dump \S/m
const SANDBOX = String.raw`\/\*M?!999999\\- enable the sandbox mode \*\/`
const sandbox = new RegExp(String.raw`^\s*${SANDBOX}`)
// With comments it is of another program: phpMyAdmin and HeidiSQL write the same settings behind theirs. What mysqldump
// says to whoever runs it may have got in front of them.
const settings = new RegExp(
  String.raw`^(?:\s|${SANDBOX}|(?:mysqldump|mariadb-dump|Warning): .*\n)*` +
    String.raw`\/\*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT \*\/;`
)

const completed = /\n-- Dump completed(?: on (\d{4}-\d{2}-\d{2} [ \d]\d:\d{2}:\d{2}))?\s*$/
// With --tab, and --dir of newer mariadb-dump, a file per table: its triggers are written behind its end.
const completedBeforeTriggers =
  /\n-- Dump completed(?: on (\d{4}-\d{2}-\d{2} [ \d]\d:\d{2}:\d{2}))?\s*\n\/\*!50\d{3} [\s\S]*\n(?:\/\*!50003 SET collation_connection {2}= @saved_col_connection \*\/|.*ALTER DATABASE .*) ;\s*$/
// Without comments the last statement tells: it puts back what the first ones set, which newer programs of MariaDB call
// otherwise.
const putBack =
  /\n\/\*(?:!40111 SET SQL_NOTES=@OLD_SQL_NOTES|M!100616 SET NOTE_VERBOSITY=@OLD_NOTE_VERBOSITY) \*\/;\s*$/

const firstLines = ["-- MariaDB dump ", "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;"]

/**
 * Whether it ends behind the line that MariaDB begins with. With `--compact` it goes on otherwise, and ends as it
 * likes.
 */
const isCutHead = (start: string): boolean => {
  const [line] = sandbox.exec(start) ?? []
  return line !== undefined && firstLines.some((next) => next.startsWith(start.slice(line.length).trimStart()))
}

// What a dump of several databases has in front of each, and MySQL Workbench in front of all.
const use = /^USE `((?:[^`]|``)+)`;\r?$/gm

const databasesOf = (head: string): ReadonlyArray<string> => {
  const named = /^-- Host: .*? {4}Database: (.*?)\r?$/m.exec(head.slice(0, START))?.[1]?.trim()
  const used = [...head.matchAll(use)].map(([, name = ""]) => name.replaceAll("``", "`"))
  return [...new Set([named ?? "", ...used])].filter((name) => name !== "")
}

const datastoreOf = (head: string): DumpContent["datastore"] => {
  const start = head.slice(0, START)
  const version = /^-- Server version[ \t]+(\S.*?)\r?$/m.exec(start)?.[1]
  if (version !== undefined) {
    const server = mysqlServer(version)
    const [mysql = ""] = server.version?.split("-", 1) ?? []
    // Percona's program has Percona's number, too: without it, both are of a package of MySQL.
    const isMysql = server.type === "Percona" && start.includes(` Distrib ${mysql},`)
    return isMysql ? { type: "MySQL", version: mysql } : server
  }
  // Only MariaDB's own program writes it; without comments nothing tells the server.
  return sandbox.test(head) ? { type: "MariaDB" } : undefined
}

// How the data of a table ends, of which a line may be longer than what is looked at.
const endOfData =
  /^(?:-- Dumping data for table |INSERT INTO |UNLOCK TABLES;|\/\*!40000 ALTER TABLE .* ENABLE KEYS \*\/;)/m

// The bodies of routines, events and triggers stand between these, with any statement in them.
const delimiter = /^DELIMITER ;(;?)\r?$/m
const bodies = /^DELIMITER ;;\r?\n[\s\S]*?^DELIMITER ;\r?$/gm

/** The end of a dump without the bodies in it, of which the first may have begun before. */
const withoutBodies = (tail: string): string => {
  const first = delimiter.exec(tail)
  return (first?.[1] === "" ? tail.slice(first.index) : tail).replace(bodies, "")
}

const trigger = /^\/\*!50003 CREATE\*\/ (?:\/\*!50017 .*?\*\/ )?\/\*!50003 TRIGGER /im

/** What a dump surely is of that has no table, nor what stands in front for a view. */
const tablelessPart = (head: string): string | undefined => {
  // By itself, since with --tab each view has a file of its own.
  if (/^-- Final view structure for view /m.test(head)) return "the schema"
  // Without comments, only the statements tell that there are tables.
  if (/^CREATE TABLE /m.test(head)) return undefined
  if (trigger.test(head)) return "triggers and routines"
  return /^CREATE USER /m.test(head) && !/^-- Current Database/m.test(head) ? "accounts" : undefined
}

/**
 * What a dump has where it surely is no whole one. The data of a table comes right behind its structure: where the
 * beginning has structures and no data, the dump has none, unless one of the data was written behind one of the schema.
 */
const partOf = (head: string, tail: string, isAll: boolean): string | undefined => {
  const structures = [...head.matchAll(/^-- Table structure for table /gm)]
  const data = /^-- Dumping data for table .*\r?\n--\r?\n(-- WHERE: )?/m.exec(head)
  if (data?.[1] !== undefined) return "rows that a condition chose"
  if (data !== null) return structures.some(({ index }) => index < data.index) ? undefined : "the data"
  if (structures.length > (isAll ? 0 : 1)) return endOfData.test(withoutBodies(tail)) ? undefined : "the schema"
  return isAll && !/^-- Temporary (?:table|view) structure/m.test(head) ? tablelessPart(head) : undefined
}

/**
 * What SQL of mysqldump or mariadb-dump says by its first and last lines; undefined when it is neither. `isAll` says
 * whether the beginning is all of it.
 */
export const readMysqlSql = (head: string, tail: string, isAll: boolean): DumpContent | undefined => {
  const start = head.slice(0, START)
  const hasTitle = title.test(start)
  if (!hasTitle && !settings.test(start) && !isCutHead(start)) return undefined
  const ended = completed.exec(tail) ?? (isAll ? completedBeforeTriggers.exec(head) : null)
  const time = ended?.[1]
  return {
    form: hasTitle ? "mysqldump" : "mysqldump without comments",
    databases: databasesOf(head),
    someOf: head.search(use) !== -1,
    datastore: datastoreOf(head),
    ended: time === undefined ? undefined : { local: time },
    stamp: time,
    part: partOf(head, tail, isAll),
    failure:
      ended !== null || putBack.test(tail)
        ? undefined
        : "cut off: it does not end with the lines that a whole one ends with"
  }
}
