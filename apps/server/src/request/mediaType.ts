import type { IncomingMessage } from "node:http"
import { BadMediaType } from "@backup-catalog/core"
import { Effect } from "effect"

const IN_UTF8 = String.raw`[\t ]*(?:;[\t ]*charset[\t ]*=[\t ]*"?utf-8"?[\t ]*)?`

/** What an operation takes as its body, and what whoever sends another is told. */
interface Taken<Coding extends string> {
  /** The names of its media type, as the source of a regular expression; all of them are text in UTF-8. */
  readonly types: string
  readonly otherType: string
  /** What it can undo; a body whose header names none is `identity`. */
  readonly codings: ReadonlyArray<Coding>
  readonly otherCoding: string
}

/** The coding of a request's body, by its headers; 415 when it is of another media type or coding than is taken. */
export const codingOf = <Coding extends string>({ types, otherType, codings, otherCoding }: Taken<Coding>) => {
  const pattern = new RegExp(`^(?:${types})${IN_UTF8}$`, "i")
  return ({ headersDistinct }: IncomingMessage): Effect.Effect<Coding, BadMediaType> => {
    const [type, another] = headersDistinct["content-type"] ?? []
    if (type === undefined || another !== undefined || !pattern.test(type.trim())) {
      return new BadMediaType({ message: otherType })
    }
    const named = (headersDistinct["content-encoding"] ?? ["identity"]).join().trim().toLowerCase()
    // The old name of it (RFC 9110, 8.4.1.3).
    const coding = codings.find((one) => one === named || (one === "gzip" && named === "x-gzip"))
    return coding === undefined ? new BadMediaType({ message: otherCoding }) : Effect.succeed(coding)
  }
}
