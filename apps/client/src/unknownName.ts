/** The first name in an object that is not one of those known, and what a sentence says of it. */
export interface UnknownName {
  readonly name: string
  /** Goes on after the name: `is not known; known are a b c`. */
  readonly predicate: string
}

/** The first member of an object whose name is not among those known; undefined when all are. */
export const unknownName = (of: object, known: ReadonlyArray<string>): UnknownName | undefined => {
  const name = Object.keys(of).find((one) => !known.includes(one))
  return name === undefined ? undefined : { name, predicate: `is not known; known are ${known.join(" ")}` }
}
