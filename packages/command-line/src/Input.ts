/** A value, and what whoever gave it calls it: `--port`, or `CATALOG_PORT` where that is where it came from. */
export interface Setting {
  readonly name: string
  readonly value: string
}

/** What was given to a command, checked against its options. */
export interface Input<Name extends string = string> {
  /** An option in its order, with where each value came from; none when nothing was given. On is `true`. */
  readonly settings: (name: Name) => ReadonlyArray<Setting>
  /** The value of an option that may be given once; undefined when there is none. Empty only where it may be. */
  readonly value: (name: Name) => string | undefined
  /** The values of an option in their order, none when it was not given. Empty texts only where they may be. */
  readonly values: (name: Name) => ReadonlyArray<string>
  /** Whether an option is on the command line. */
  readonly given: (name: Name) => boolean
  /** The argument of a command that has one, the first where there may be more; else an empty text. */
  readonly argument: string
  /** All arguments in their order; none where a command has none. */
  readonly arguments: ReadonlyArray<string>
  /** The words behind `--` of a command that takes them as they are; undefined where there is no `--`. */
  readonly rest: ReadonlyArray<string> | undefined
}
