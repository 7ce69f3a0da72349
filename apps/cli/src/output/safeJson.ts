import { escapeText } from "../terminal/escapeText.ts"

/** JSON that means the same as `JSON.stringify`'s and is safe to show in a terminal. */
export const safeJson = (value: unknown, indent?: number): string =>
  // What is escaped stands inside texts; the line ends between them stay.
  JSON.stringify(value, null, indent).replace(/[^\n]+/g, escapeText)
