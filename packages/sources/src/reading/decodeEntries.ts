import type { Schema } from "effect"
import type { Problem } from "../Importer.ts"
import { decodeEntry } from "./decodeEntry.ts"

/** Something of an output, and where in the output it is. */
export interface Placed<A> {
  readonly place: string
  readonly value: A
}

/** The entries of a list, each with its place: `shop[3]`. */
export const placedIn = (list: ReadonlyArray<unknown>, at: string): ReadonlyArray<Placed<unknown>> =>
  list.map((value, n) => ({ place: `${at}[${n}]`, value }))

/** What could be read of some entries, and what could not. */
export interface DecodedEntries<A> {
  readonly found: ReadonlyArray<A>
  readonly problems: ReadonlyArray<Problem>
  /** Whether none was left out. */
  readonly areAll: boolean
}

/** Reads entries as `decodeEntry` reads each; what else they have is kept beside what was read. */
export const decodeEntries = <A, I, P extends Placed<unknown>>(
  schema: Schema.Schema<A, I>,
  entries: ReadonlyArray<P>,
  vital: ReadonlyArray<string> = []
): DecodedEntries<P & Placed<A>> => {
  const found: Array<P & Placed<A>> = []
  const problems: Array<Problem> = []
  for (const entry of entries) {
    const { value, problems: broken } = decodeEntry(schema, entry.value, entry.place, vital)
    problems.push(...broken)
    if (value !== undefined) found.push({ ...entry, value })
  }
  return { found, problems, areAll: found.length === entries.length }
}
