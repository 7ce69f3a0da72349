import { styleText } from "node:util"
import type { Colour } from "../rows/Shape.ts"

/** A text in a colour of the terminal; as it is without one. */
export const colourText = (colour: Colour | undefined, text: string): string =>
  colour === undefined ? text : styleText(colour, text, { validateStream: false })
