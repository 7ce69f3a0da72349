/** What a file has at one place: a JSON value that should be a record, or the reason why there is none. */
export type Entry = {
  readonly place: string
  /** Its number among the lines or the records of the file, from 1. */
  readonly number: number
  /** How much of the file it takes, about, in bytes. */
  readonly bytes: number
} & ({ readonly value: unknown } | { readonly problem: string })

/** A file cannot be read on from some place; what came before it was read. */
export class Unreadable extends Error {
  override readonly name = "Unreadable"
}
