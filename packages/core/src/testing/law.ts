import { Data, Effect, FastCheck as fc, Option } from "effect"
import { AccountId, type Backup, type BackupId } from "../Backup.ts"
import * as arbitrary from "./arbitrary.ts"

/** A law that a store broke. */
export class LawBroken extends Data.TaggedError("LawBroken")<{
  readonly message: string
  readonly expected: unknown
  readonly actual: unknown
}> {}

/** A value as an error shows it. */
export const show = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? `${member}n` : member))

/** The error that something is not as it must be. */
export const broken = (what: string, actual: unknown, expected: unknown) =>
  new LawBroken({ message: `${what}: expected ${show(expected)}, got ${show(actual)}`, expected, actual })

/** Fails where something is not as it must be. */
export const equal = (what: string, actual: unknown, expected: unknown) =>
  show(actual) === show(expected) ? Effect.void : broken(what, actual, expected)

let accounts = 0
/** An account that nobody has used. */
export const freshAccount = Effect.sync(() => AccountId.make(`law-${++accounts}`))

/** Some of what an arbitrary makes, always the same. */
export const sample = <A>(of: fc.Arbitrary<A>, count = 40): ReadonlyArray<A> =>
  fc.sample(of, { numRuns: count, seed: 20140619 })

const template: Backup = (() => {
  const [backup] = sample(arbitrary.backup, 1)
  // A law without backups would hold of every store.
  if (backup === undefined) throw new Error("the arbitrary of backups gave none")
  return { ...backup, status: "COMPLETED", parentId: Option.none() }
})()

/** A completed backup without a parent, newer than those of smaller numbers, of which three each began at once. */
export const numbered = (n: number): Backup => ({
  ...template,
  id: `n${String(n).padStart(4, "0")}` as BackupId,
  created: (1_500_000_000_000_000n + BigInt(Math.floor(n / 3))) as Backup["created"]
})
