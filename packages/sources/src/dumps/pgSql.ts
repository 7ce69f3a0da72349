import { abbreviatedTime, type DumpContent, type DumpTime, shortVersion } from "./Dump.ts"

const beginning = /^-- PostgreSQL database (cluster )?dump\r?$/m
const end =
  /^(?:-- Completed on (\S+ \S+?)(?: (\S+))?\s+)?--\r?\n-- PostgreSQL database (cluster )?dump complete\r?\n--\s*(?:\\unrestrict \S+\s*)?(?![\s\S])/m
const START = 4_096

const timeOf = (match: RegExpExecArray | null): DumpTime | undefined =>
  match?.[1] === undefined ? undefined : abbreviatedTime(match[1], match[2])

const all = (text: string, pattern: RegExp): ReadonlyArray<string> => [
  ...new Set([...text.matchAll(pattern)].map(([, name]) => name ?? "").filter((name) => name !== ""))
]

/**
 * What plain SQL of pg_dump or pg_dumpall says by its first and last lines; undefined when it is neither. The trailer of
 * the whole is its last line but for blank ones, comment signs and `\unrestrict`: each database of pg_dumpall has one too.
 */
export const readPostgresSql = (head: string, tail: string): DumpContent | undefined => {
  const begun = beginning.exec(head.slice(0, START))
  if (begun === null) return undefined
  const isCluster = begun[1] !== undefined
  const ended = end.exec(tail)
  const isWhole = ended !== null && (ended[3] !== undefined) === isCluster
  const version = /^-- Dumped from database version (\S.*?)\r?$/m.exec(head)?.[1]
  // What looks like a time further down is data.
  const [comments = ""] = head.split(/^SET /m)
  const started = timeOf(/^-- Started on (\S+ \S+?)(?: (\S+))?\r?$/m.exec(comments))
  return {
    form: isCluster ? "pg_dumpall" : "pg_dump as SQL",
    databases: isCluster
      ? all(head, /^-- Database "(.+)" dump\r?$/gm)
      : all(head.slice(0, START), /^-- Name: (.+); Type: DATABASE; Schema: -/gm),
    someOf: isCluster,
    datastore: { type: "PostgreSQL", version: version === undefined ? undefined : shortVersion(version) },
    started,
    ended: isWhole ? timeOf(ended) : undefined,
    // Random for every dump, where there is one.
    stamp: /^\\restrict (\S+)\r?$/m.exec(head.slice(0, START))?.[1],
    failure: isWhole ? undefined : "cut off: it does not end with the line that says it is complete"
  }
}
