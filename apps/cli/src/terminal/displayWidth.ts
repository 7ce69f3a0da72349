import type stringWidth from "string-width"

const ascii = /^[\x20-\x7e]*$/

// What knows of graphemes takes longer to load than a short list does to come, and most lists are ASCII.
let graphemes: Intl.Segmenter | undefined
let width: typeof stringWidth | undefined

const widthOf = (text: string): number => {
  width ??= (require("string-width") as { readonly default: typeof stringWidth }).default
  return width(text)
}

/** How many columns of a terminal a text takes. */
export const displayWidth = (text: string): number => (ascii.test(text) ? text.length : widthOf(text))

/** A text filled up with spaces to a width. */
export const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - displayWidth(text)))

/** A text of at most a width, the last column then an ellipsis; whole characters only. */
export const truncate = (text: string, width: number): string => {
  if (displayWidth(text) <= width) return text
  let kept = ""
  let used = 0
  graphemes ??= new Intl.Segmenter()
  for (const { segment } of graphemes.segment(text)) {
    used += displayWidth(segment)
    if (used > width - 1) break
    kept += segment
  }
  return `${kept}…`
}
