// Controls (also C1), bidi controls, line separators, what is no character, and characters that take no room or cannot
// be seen: they move the cursor, reorder, hide or carry text. The joiners and variation selectors that emoji and some
// scripts need are left, but not two joiners in a row; and of marks that pile up on one character the first eight, more
// than any language needs.
const unsafe = new RegExp(
  [
    "(?!\\u200c|\\u200d|[\\u180b-\\u180d\\u180f\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}])" +
      "[\\p{Cc}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb\\ufffe\\uffff]",
    "(?<=\\u200c|\\u200d)(?:\\u200c|\\u200d)",
    "(?<=\\p{M}{8})\\p{M}"
  ].join("|"),
  "gu"
)

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

const escapeUnits = (character: string): string => character.split("").map(escapeUnit).join("")

/** A text with every character that could disturb a terminal written otherwise. */
export const escapeTextBy = (text: string, write: (character: string) => string): string =>
  text.replace(unsafe, (character) => write(character))

/** A text with every character that could disturb a terminal made visible, as `\u001b`; two of those above U+FFFF. */
export const escapeText = (text: string): string => escapeTextBy(text, escapeUnits)
