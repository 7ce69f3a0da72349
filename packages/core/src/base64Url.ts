import { Either, Encoding } from "effect"

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is what this is about
const ascii = /^[\u0000-\u007f]*$/

// Each page has a marker: what the platform can encode by itself costs a tenth of what any text does.
/** A text as its UTF-8 in base64url, without padding. */
export const encodeBase64Url = (text: string): string =>
  ascii.test(text)
    ? btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
    : Encoding.encodeBase64Url(text)

// A text may begin with U+FEFF.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** The text of which something is the UTF-8 in base64url; undefined where it is none. */
export const decodeBase64Url = (encoded: string): string | undefined => {
  try {
    const text = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"))
    if (ascii.test(text)) return text
    return utf8.decode(Either.getOrThrow(Encoding.decodeBase64Url(encoded)))
  } catch {
    return undefined
  }
}
