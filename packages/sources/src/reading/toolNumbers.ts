import { Instant } from "@backup-catalog/core"
import { Schema } from "effect"

const MAX_BYTES = 2n ** 63n - 1n

/** A whole number as `readJson` gives it: a bigint where a number would not hold it exactly. */
export const WholeNumber = Schema.Union(Schema.Int, Schema.BigIntFromSelf)

/** A number of bytes, from 0 to 2^63 - 1. */
export const Bytes = Schema.transform(WholeNumber, Schema.BigIntFromSelf.pipe(Schema.betweenBigInt(0n, MAX_BYTES)), {
  strict: true,
  decode: (value) => BigInt(value),
  encode: (bytes) => bytes
})

/** The instant of whole seconds since 1970, as a number or a text of digits. */
export const EpochSeconds = Schema.transform(
  Schema.Union(WholeNumber, Schema.String.pipe(Schema.pattern(/^-?\d{1,12}$/))),
  Schema.typeSchema(Instant),
  {
    strict: true,
    decode: (seconds) => (BigInt(seconds) * 1_000_000n) as Instant,
    encode: (instant) => instant / 1_000_000n
  }
)
