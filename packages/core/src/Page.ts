import { Schema } from "effect"
import type { Backup } from "./Backup.ts"
import { Marker } from "./Marker.ts"

const sentence = { message: () => "must be a whole number, 1 or more" }

// Digits beyond all numbers are Infinity, which is more than any page may have.
const isWhole = (number: number): boolean =>
  number >= 1 && (number === Number.POSITIVE_INFINITY || Number.isInteger(number))

/**
 * How many records a page may have, as a whole number from 1; written in a URL without sign, spaces or leading zeros.
 */
const Limit = Schema.String.pipe(
  Schema.filter((text) => /^[1-9]\d*$/.test(text), sentence),
  Schema.transform(Schema.Number.pipe(Schema.filter(isWhole, sentence)), {
    strict: true,
    decode: Number,
    encode: String
  })
).annotations({ identifier: "Limit", jsonSchema: { type: "integer", minimum: 1 } })

/** Which page of a list: at most `limit` records (the server's page size when absent) after `marker`. */
export const PageRequest = Schema.Struct({
  limit: Schema.optionalWith(Limit, { exact: true }),
  marker: Schema.optionalWith(Marker, { exact: true })
})
export type PageRequest = typeof PageRequest.Type

/** One page of a list; `next` is there only when more follow. */
export interface Page {
  readonly backups: ReadonlyArray<Backup>
  readonly next?: Marker
}
