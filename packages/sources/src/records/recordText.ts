import { v5 } from "uuid"

const unfit = /[\p{Cc}\p{Surrogate}]/gu
const MAX_SHOWN = 100
const MAX_WORDS = 500
const MAX_NAME = 255
const MAX_DESCRIPTION = 16_384
const MAX_LOCATION = 4_096

const cut = (text: string, length: number): string =>
  text.length <= length
    ? text
    : Array.from(text.slice(0, length * 2))
        .slice(0, length)
        .join("")

/** A text as a record holds it: control characters and halves of surrogate pairs are replaced by U+FFFD. */
export const plainText = (text: string): string => text.replace(unfit, "\ufffd")

const shortened = (text: string, most: number): string => {
  const plain = plainText(text)
  return plain.length <= most ? plain : `${cut(plain, most - 1)}…`
}

/** A text as a sentence repeats it: plain, cut to 100 characters with an ellipsis. */
export const shownText = (text: string): string => shortened(text, MAX_SHOWN)

// What tools say may have several lines, and begin them with tabs. Other blanks are as somebody typed them.
const inOneLine = (text: string): string => text.trim().replace(/[\t\n\v\f\r]\s*/g, " ")

/** What a tool says, as a sentence repeats it: plain, in one line, cut to 500 characters with an ellipsis. */
export const toolWords = (text: string): string => shortened(inOneLine(text), MAX_WORDS)

/** A text as a name: plain, cut to 255 characters; undefined where nothing is left. */
export const nameText = (text: string): string | undefined => {
  const name = cut(plainText(text), MAX_NAME)
  return name === "" ? undefined : name
}

/**
 * A text as the id of an instance: plain; above 255 characters the first 246, a `~`, and 8 digits that are made of all
 * of it, since two that begin alike are two; undefined where nothing is left.
 */
export const instanceText = (text: string): string | undefined => {
  const name = nameText(text)
  if (name === undefined || cut(text, MAX_NAME) === text) return name
  const mark = `~${v5(JSON.stringify(text), v5.URL).slice(0, 8)}`
  return `${cut(name, MAX_NAME - mark.length)}${mark}`
}

// As in https://user:password@host, and in s3:key:secret@host, which Borg takes without slashes.
const password = /((?:\/\/|^(?:s3|b2):)[^/?#:@]+):[^/?#]*@/g

/**
 * A text as the location of a backup: plain, and without a password, which whoever lists backups could read; undefined
 * above 4,096 characters, since a part of it is another place.
 */
export const locationText = (text: string): string | undefined => {
  const location = plainText(text).replace(password, "$1@")
  return cut(location, MAX_LOCATION) === location ? location : undefined
}

/** A text as a description: plain, in one line, cut to 16,384 characters with an ellipsis. */
export const descriptionText = (text: string): string => shortened(inOneLine(text), MAX_DESCRIPTION)
