import { Redacted } from "effect"

// Somebody else may have cut the text off within a secret.
const BEGINNING = 12
const MAX_LENGTH = 500

/** What an error has instead of a text with a secret in it. */
export const LEFT_OUT = "(left out, since there is a secret in it)"

// Whoever quotes a text may have escaped something in it.
const unquoted = (text: string): string => text.replace(/[\\'"]/g, "")

const isIn = (text: string, secret: string): boolean => unquoted(text).includes(unquoted(secret.slice(0, BEGINNING)))

/**
 * A text from outside as an error may show it: not endless, and nothing of it when a secret is in it. To leave out the
 * secret alone would tell a short one by what stands around the gap.
 */
export const concealed = (text: string, secrets: ReadonlyArray<Redacted.Redacted>): string => {
  if (secrets.some((secret) => isIn(text, Redacted.value(secret)))) return LEFT_OUT
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH)}…`
}
