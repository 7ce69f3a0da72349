/** The type, in Barman's words, of a backup that is on another one. */
export const INCREMENTAL = "incremental"

/** Why it is not known what a backup is on, though its type says that it is on another one. */
export const lackOfParent = (type: string | null | undefined, parent: string | null | undefined): string | undefined =>
  type === INCREMENTAL && !parent ? "what this incremental backup is on is not known" : undefined
