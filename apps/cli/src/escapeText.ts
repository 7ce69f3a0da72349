// Controls (also C1), bidi controls, line separators, and characters that take no room and cannot be seen: they move
// the cursor, reorder or hide text. The joiners that emoji and some scripts need are left.
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

/** A text with every character that could disturb a terminal made visible, as `\u001b`. */
export const escapeText = (text: string): string =>
  text.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
