/** The type, in Barman's words, of a backup that is on another one. */
export const INCREMENTAL = "incremental"

const OF_PRIOR_DATABASE =
  "it is of the database that the server had before, as its systemid tells: a restore brings that back, and not the present one"

/** Why it is not known what a backup is on, though its type says that it is on another one. */
export const lackOfParent = (type: string | null | undefined, parent: string | null | undefined): string | undefined =>
  type === INCREMENTAL && !parent ? "what this incremental backup is on is not known" : undefined

/**
 * Why a backup may not be of the present database of its server, which Barman asks over one connection or two;
 * undefined where it is, and where the backup or both connections do not tell.
 */
export const doubtOfDatabase = (
  own: string | null | undefined,
  present: ReadonlyArray<string | null | undefined>
): string | undefined => {
  const known = present.filter(Boolean)
  return own && known.length > 0 && !known.includes(own) ? OF_PRIOR_DATABASE : undefined
}
