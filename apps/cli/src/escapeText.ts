// Controls (also C1), bidi controls, line separators, and characters that take no room or cannot be seen: they move
// the cursor, reorder, hide or carry text. The joiners that emoji and some scripts need are left.
const unsafe =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

/** A text with every character that could disturb a terminal made visible, as `\u001b`; two of those above U+FFFF. */
export const escapeText = (text: string): string =>
  text.replace(unsafe, (character) => character.split("").map(escapeUnit).join(""))
