import { mysqlServer } from "../mysqlServer.ts"
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
// Without comments the last statement tells: it puts back what the first ones set, which newer programs of MariaDB call
// otherwise.
const putBack =
  /\n\/\*(?:!40111 SET SQL_NOTES=@OLD_SQL_NOTES|M!100616 SET NOTE_VERBOSITY=@OLD_NOTE_VERBOSITY) \*\/;\s*$/

const firstLines = ["-- MariaDB dump ", "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;"]

/** Whether it ends behind the line that MariaDB begins with. With `--compact` it goes on otherwise, and ends as it likes. */
const isCutHead = (start: string): boolean => {
  const [line] = sandbox.exec(start) ?? []
  return line !== undefined && firstLines.some((next) => next.startsWith(start.slice(line.length).trimStart()))
}

const databasesOf = (head: string): ReadonlyArray<string> => {
  const named = /^-- Host: .*? {4}Database: (.*?)\r?$/m.exec(head.slice(0, START))?.[1]?.trim()
  const current = [...head.matchAll(/^-- Current Database: `((?:[^`]|``)+)`\r?$/gm)].map(([, name]) => name ?? "")
  return [...new Set([named ?? "", ...current.map((name) => name.replaceAll("``", "`"))])].filter((name) => name !== "")
}

const datastoreOf = (head: string): DumpContent["datastore"] => {
  const version = /^-- Server version[ \t]+(\S.*?)\r?$/m.exec(head.slice(0, START))?.[1]
  if (version !== undefined) return mysqlServer(version)
  // Only MariaDB's own program writes it; without comments nothing tells the server.
  return sandbox.test(head) ? { type: "MariaDB" } : undefined
}

/** What SQL of mysqldump or mariadb-dump says by its first and last lines; undefined when it is neither. */
export const readMysqlSql = (head: string, tail: string): DumpContent | undefined => {
  const start = head.slice(0, START)
  const hasTitle = title.test(start)
  if (!hasTitle && !settings.test(start) && !isCutHead(start)) return undefined
  const ended = completed.exec(tail)
  const time = ended?.[1]
  return {
    form: hasTitle ? "mysqldump" : "mysqldump without comments",
    databases: databasesOf(head),
    someOf: /^-- Current Database: /m.test(head),
    datastore: datastoreOf(head),
    ended: time === undefined ? undefined : { local: time },
    stamp: time,
    failure:
      ended !== null || putBack.test(tail)
        ? undefined
        : "cut off: it does not end with the lines that a whole one ends with"
  }
}
