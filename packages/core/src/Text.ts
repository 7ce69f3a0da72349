import { Schema } from "effect"
import { hasLength } from "./hasLength.ts"

// A lone surrogate has no UTF-8 form: it would come back as another character.
const loneSurrogate = /\p{Surrogate}/u

/** Text that survives UTF-8: no lone surrogates. */
export const Text = Schema.String.pipe(
  Schema.filter((text) => !loneSurrogate.test(text), { message: () => "must be valid Unicode text" })
)

/** Such a text of so many characters: a page of records must not grow without bound. */
export const textOf = (least: number, most: number) =>
  Text.pipe(
    Schema.filter((text) => hasLength(text, least, most), {
      message: () => (least === 0 ? `must have at most ${most} characters` : `must have ${least} to ${most} characters`)
    })
  )

const control = /\p{Cc}/u

/** Such a text of 1 to so many characters, none of them a control character. */
export const lineOf = (most: number) =>
  textOf(1, most).pipe(
    Schema.filter((text) => !control.test(text), { message: () => "must not contain control characters" })
  )
