import type { Variables } from "./readArguments.ts"

/** A word, and what it is without one of its letters. */
const almost = (word: string): ReadonlyArray<string> => [
  word,
  ...Array.from(word, (_, n) => word.slice(0, n) + word.slice(n + 1))
]

const isNear = (one: string, other: string): boolean => {
  const others = new Set(almost(other))
  return almost(one).some((word) => others.has(word))
}

/** A variable of the environment that a program does not know, and the one that may be meant. */
export interface UnknownVariable {
  readonly name: string
  readonly near: string | undefined
}

/**
 * The variables that begin like those of a program, and that it does not know; one letter makes no other variable of
 * one.
 */
export const unknownVariables = (
  prefix: string,
  known: ReadonlyArray<string>,
  variables: Variables
): ReadonlyArray<UnknownVariable> =>
  Object.keys(variables)
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .map((name) => ({ name, near: known.find((one) => isNear(name, one)) }))

/** What is said of such a variable, in one sentence. */
export const describeUnknown = ({ name, near }: UnknownVariable): string =>
  `The variable ${name} is not known, and does nothing${near === undefined ? "" : `; ${near} may be meant`}.`
