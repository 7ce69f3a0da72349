import { Either, type ParseResult, Predicate, Schema } from "effect"
import { Backup } from "../Backup.ts"
import { decodeBackupFast } from "../plainBackup.ts"
import { Links } from "./links.ts"

/** The answer of the list: one page of records, and a `next` link only when more follow (docs/api.md, List). */
export const ListAnswer = Schema.Struct({ backups: Schema.Array(Backup), links: Links }).annotations({
  identifier: "ListAnswer"
})
export type ListAnswer = typeof ListAnswer.Type

const decode = Schema.decodeUnknownEither(ListAnswer)

/** The links of a list's answer from its JSON, or the first reason why they are none. */
export const decodeLinks = Schema.decodeUnknownEither(Schema.Struct({ links: Links }))

/** A page of backups from its JSON, or the first reason why it is none: as the schema says, record by record. */
export const decodeListAnswer = (json: unknown): Either.Either<ListAnswer, ParseResult.ParseError> => {
  if (!Predicate.isRecord(json) || !Array.isArray(json.backups)) return decode(json)
  const links = decodeLinks(json)
  if (Either.isLeft(links)) return decode(json)
  const backups: Array<Backup> = []
  for (const record of json.backups) {
    const backup = decodeBackupFast(record)
    // Where in the answer the fault is, only the schema of the whole knows.
    if (Either.isLeft(backup)) return decode(json)
    backups.push(backup.right)
  }
  return Either.right({ backups, ...links.right })
}
