import { Schema } from "effect"
import { maybe, someText } from "../reading/decodeEntry.ts"
import { Bytes, EpochSeconds, WholeNumber } from "../reading/toolNumbers.ts"

const List = Schema.Array(Schema.Unknown)

/** The state of a stanza, or of a stanza in one repository; the codes are those of pgBackRest. */
export const Status = Schema.Struct({ code: Schema.Int, message: maybe(Schema.String) })
export type Status = typeof Status.Type

/** A stanza of `pgbackrest info --output=json`, as far as records are made of it; its entries are read one by one. */
export const Stanza = Schema.Struct({
  name: someText,
  backup: maybe(List),
  db: maybe(List),
  repo: maybe(List),
  /** Of its one repository, before there were several; of all of them since, `mixed` where they differ. */
  cipher: maybe(Schema.String),
  status: maybe(Status)
})

/** A repository of a stanza. */
export const Repository = Schema.Struct({
  key: WholeNumber,
  cipher: maybe(Schema.String),
  status: maybe(Status)
})
export type Repository = typeof Repository.Type

/**
 * A database that the stanza is or was of: after `stanza-upgrade` there are several in each repository, of which the
 * one with the highest number is the present one.
 */
export const Database = Schema.Struct({
  id: WholeNumber,
  "repo-key": maybe(WholeNumber),
  "system-id": maybe(WholeNumber),
  version: maybe(someText)
})
export type Database = typeof Database.Type

/** A backup of a stanza. */
export const StanzaBackup = Schema.Struct({
  label: someText,
  type: maybe(someText),
  prior: maybe(someText),
  /** All backups that it needs; null for a full one. */
  reference: maybe(List),
  /**
   * True when page checksums were wrong; the backup is whole all the same. False, null or missing when they were not.
   */
  error: Schema.optional(Schema.Unknown),
  annotation: maybe(Schema.Record({ key: Schema.String, value: Schema.String })),
  database: maybe(Schema.Struct({ id: maybe(WholeNumber), "repo-key": maybe(WholeNumber) })),
  info: maybe(
    Schema.Struct({
      /** The bytes that it read. */
      delta: maybe(Bytes),
      /** The bytes that it alone added to the repository. */
      repository: maybe(Schema.Struct({ delta: maybe(Bytes) }))
    })
  ),
  timestamp: maybe(Schema.Struct({ start: maybe(EpochSeconds), stop: maybe(EpochSeconds) }))
})
export type StanzaBackup = typeof StanzaBackup.Type
