/** Why the system would not do something with a file, as the end of a sentence: `permission denied`. */
export const systemReason = (error: unknown): string => {
  const words = error instanceof Error ? error.message : String(error)
  // What Node puts around it: its code before, the call and the path behind.
  return words.replace(/^E[A-Z\d]+: (.*?)(?:, \w+(?: '.*)?)?$/s, "$1")
}
