import { Schema } from "effect"

// A lone surrogate has no UTF-8 form: it would come back as another character.
const loneSurrogate = /\p{Surrogate}/u

/** Text that survives UTF-8: no lone surrogates. */
export const Text = Schema.String.pipe(
  Schema.filter((text) => !loneSurrogate.test(text), { message: () => "must be valid Unicode text" })
)
