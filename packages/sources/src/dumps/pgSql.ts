import { abbreviatedTime, type DumpContent, type DumpTime, shortVersion } from "./Dump.ts"
import { objectKind, partOf } from "./pgPart.ts"

const beginning = /^-- PostgreSQL database (cluster )?dump\r?$/m
// Windows has several words for a zone: GMT Standard Time.
const end =
  /^(?:-- Completed on (\S+ \S+?)(?: (.+?))?\s+)?--\r?\n-- PostgreSQL database (cluster )?dump complete\r?\n--\s*(?:\\unrestrict \S+\s*)?(?![\s\S])/m
const START = 4_096

/** How much of the end of SQL is looked at. */
export const SQL_TAIL = 4_096

/** Whether the end of SQL is that of a whole dump of a database or cluster. */
export const isCompleteSql = (tail: string): boolean => end.test(tail)

const timeOf = (match: RegExpExecArray | null): DumpTime | undefined =>
  match?.[1] === undefined ? undefined : abbreviatedTime(match[1], match[2])

const all = (text: string, pattern: RegExp): ReadonlyArray<string> => [
  ...new Set([...text.matchAll(pattern)].map(([, name]) => name ?? "").filter((name) => name !== ""))
]

// A kind is a few words, and without a bound a line of nothing but such would be looked through for each of them.
const objects = /^-- (?:Data for |Statistics for )?Name: .*; Type: (.{1,100}?); Schema: /gm

/**
 * The kinds of the objects in SQL up to the first data, in which a line may look like the comment of another object.
 */
const kindsIn = (head: string): ReadonlySet<string> => {
  const data = /^-- Data for Name: .*$/m.exec(head)
  const text = head.slice(0, data === null ? head.length : data.index + data[0].length)
  const found = [...text.matchAll(objects)]
  return new Set(found.map(({ 1: kind = "", index }, n) => objectKind(kind, text.slice(index, found[n + 1]?.index))))
}

/**
 * Whether a dump of a cluster has no roles, which stand in front of all databases unless only their data was asked for.
 */
const hasNoRoles = (head: string): boolean => {
  // Older programs connect to postgres in front of the roles, too.
  const first = /^-- PostgreSQL database dump\r?$/m.exec(head)
  return first !== null && !/^(?:CREATE|ALTER) (?:ROLE|USER) /m.test(head.slice(0, first.index))
}

/** What a dump of a whole cluster, or of a database, has where that is not all of it. */
const partIn = (head: string, tail: string, isAll: boolean, isCluster: boolean): string | undefined => {
  // Right before the trailer of a cluster there is that of its last database.
  if (isCluster && !/^-- PostgreSQL database dump complete\r?$/m.test(tail)) return "roles and tablespaces"
  const part = partOf(kindsIn(head), isAll)
  if (part !== undefined || !isCluster || !hasNoRoles(head)) return part
  return /^-- Statistics for Name: /m.test(head) ? "the statistics" : "the data"
}

/**
 * What is behind dumps of roles and tablespaces that SQL begins with; undefined where its first database is in such a
 * dump.
 */
const behindGlobals = (head: string): string | undefined => {
  const first = head.search(/^-- PostgreSQL database dump\r?$/m)
  const inFront = head.slice(0, Math.max(first, 0))
  const last = [...inFront.matchAll(/^-- PostgreSQL database cluster dump( complete)?\r?$/gm)].at(-1)
  return last?.[1] === undefined ? undefined : head.slice(first)
}

/**
 * What plain SQL of pg_dump or pg_dumpall says by its first and last lines; undefined when it is neither. The trailer
 * of the whole is its last line but for blank ones, comment signs and `\unrestrict`: each database of pg_dumpall has
 * one too. Roles that pg_dumpall wrote in front of pg_dump have one of their own, so it is as of pg_dump that the whole
 * is judged. `isAll` says whether the beginning is all of it.
 */
export const readPostgresSql = (head: string, tail: string, isAll: boolean): DumpContent | undefined => {
  const begun = beginning.exec(head.slice(0, START))
  if (begun === null) return undefined
  const databases = begun[1] === undefined ? undefined : behindGlobals(head)
  const isCluster = begun[1] !== undefined && databases === undefined
  const ended = end.exec(tail)
  const isWhole = ended !== null && (ended[3] !== undefined) === isCluster
  const version = /^-- Dumped from database version (\S.*?)\r?$/m.exec(head)?.[1]
  // What looks like a time further down is data.
  const [comments = ""] = head.split(/^SET /m)
  const started = timeOf(/^-- Started on (\S+ \S+?)(?: (.+?))?\r?$/m.exec(comments))
  return {
    form: isCluster ? "pg_dumpall" : databases === undefined ? "pg_dump as SQL" : "pg_dumpall and pg_dump as SQL",
    databases: isCluster
      ? all(head, /^-- Database "(.+)" dump\r?$/gm)
      : all(databases ?? head.slice(0, START), /^-- Name: (.+); Type: DATABASE; Schema: -/gm),
    someOf: isCluster || databases !== undefined,
    datastore: { type: "PostgreSQL", version: version === undefined ? undefined : shortVersion(version) },
    started,
    ended: isWhole ? timeOf(ended) : undefined,
    // Random for every dump, where there is one.
    stamp: /^\\restrict (\S+)\r?$/m.exec(head.slice(0, START))?.[1],
    part: partIn(databases ?? head, tail, isAll, isCluster),
    failure: isWhole ? undefined : "cut off: it does not end with the line that says it is complete"
  }
}
