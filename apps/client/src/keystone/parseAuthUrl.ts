import { Either } from "effect"
import { parseAddress } from "../parseAddress.ts"

/** The address of version 3 of Keystone, for an address with or without a version. */
export const parseAuthUrl = (text: string): Either.Either<string, string> =>
  Either.flatMap(parseAddress(text), (base) => {
    if (/\/v3$/.test(base)) return Either.right(base)
    return /\/v2(?:\.0)?$/.test(base)
      ? Either.left(
          "must not end with the version 2.0, which Keystone no longer has: end it with /v3, or before the version"
        )
      : Either.right(`${base}/v3`)
  })
