import { hash } from "node:crypto"
import { type AccountId, type Backup, BadRequest, encodeBackup } from "@backup-catalog/core"
import { remembered } from "@backup-catalog/core/http"
import type { ExistingBackup } from "@backup-catalog/core/store"
import { Context, Either, Layer, Option } from "effect"

const digest = (text: string): string => hash("sha256", text, "base64url").slice(0, 16)

/** A record with all that the wire leaves out: two that differ in a microsecond are not the same. */
const exactly = (account: AccountId, backup: Backup): string =>
  JSON.stringify([
    account,
    encodeBackup(backup),
    String(backup.created),
    String(backup.updated),
    Option.getOrNull(Option.map(backup.size, ({ unit, value }) => `${value} ${unit}`))
  ])

// What nearly all send who have asked once: the tag that they were given.
const oneTag = /^"([\x21\x23-\x7e\x80-\xff]*)"$/

// Empty elements of a list are passed over (RFC 9110, 5.6.1.2).
const inTags = /^[\t ,]*(?:(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"[\t ]*(?:,[\t ,]*|$))+$/

/** What `If-Match` or `If-None-Match` names: anything that is there, or some tags, without `W/` and quotes. */
export type TagCondition = "any" | ReadonlyArray<{ readonly tag: string; readonly weak: boolean }>

const noCondition = Either.right(undefined)

/** The condition that a header means; undefined without one. */
export const parseCondition = (
  name: string,
  header: string | undefined
): Either.Either<TagCondition | undefined, BadRequest> => {
  if (header === undefined) return noCondition
  const one = oneTag.exec(header)?.[1]
  if (one !== undefined) return Either.right([{ tag: one, weak: false }])
  if (header.trim() === "*") return Either.right("any")
  if (!inTags.test(header)) {
    return Either.left(new BadRequest({ message: `The header ${name} must be * or entity tags in quotes.` }))
  }
  const tags = [...header.matchAll(/(W\/)?"([^"]*)"/g)].map(([, weak, tag = ""]) => ({ tag, weak: weak !== undefined }))
  return Either.right(tags)
}

/**
 * The entity tags of answers: they change with whatever an answer is made of, so that one that still holds tells that
 * nothing has, without looking at a record.
 */
export class EntityTags extends Context.Tag("@backup-catalog/server/EntityTags")<
  EntityTags,
  {
    /** Of one page: the version of its account, and what was asked for and where. */
    readonly ofList: (version: bigint, url: string) => string
    /** What a tag of a record begins with while its account has this version. */
    readonly recordPrefix: (version: bigint, account: AccountId, id: string) => string
    /** Of one record: that beginning, and the record. Without a version it is that of a write. */
    readonly ofRecord: (version: bigint | undefined, account: AccountId, backup: Backup) => string
    /**
     * Whether a condition of a write names a record as it is, whatever else in its account has changed since, and
     * whichever server gave the tag; one with `W/` does only where weak ones count (RFC 9110, 8.8.3.2). No tag names one
     * that cannot be read.
     */
    readonly namesRecord: (
      condition: TagCondition | undefined,
      account: AccountId,
      record: ExistingBackup,
      comparison: "strong" | "weak"
    ) => boolean
    /** Whether a condition names the answer that has a tag of a record, whatever else in its account has changed since. */
    readonly namesAnswer: (condition: TagCondition | undefined, tag: string) => boolean
  }
>() {}

const withoutVersion = (tag: string): string => tag.slice(tag.indexOf("."))

const recordOf = (tag: string): string => tag.slice(tag.lastIndexOf(".") + 1)

const isNamed = (
  condition: TagCondition | undefined,
  part: string,
  partOf: (tag: string) => string,
  comparison: "strong" | "weak"
): boolean =>
  condition === "any" ||
  (condition?.some(({ tag, weak }) => !(weak && comparison === "strong") && partOf(tag) === part) ?? false)

/** `form` is what answers depend on besides the records: the settings of the server, and its version. */
export const layer = (form: string): Layer.Layer<EntityTags> => {
  const ofUrl = remembered((url) => digest(`${form}\n${url}`))
  const ofList = (version: bigint, url: string) => `${version.toString(36)}.${ofUrl(url)}`
  // No version is written so: a tag of a write stands for no state of the account.
  const recordPrefix = (version: bigint | undefined, account: AccountId, id: string) =>
    `${version?.toString(36) ?? "-w"}.${digest(`${form}\n${account}\n${id}`)}.`
  const ofRecord = (version: bigint | undefined, account: AccountId, backup: Backup) =>
    recordPrefix(version, account, backup.id) + digest(exactly(account, backup))
  return Layer.succeed(
    EntityTags,
    EntityTags.of({
      ofList,
      recordPrefix,
      ofRecord,
      namesRecord: (condition, account, record, comparison) =>
        record === "unreadable"
          ? condition === "any"
          : isNamed(condition, digest(exactly(account, record)), recordOf, comparison),
      namesAnswer: (condition, tag) => isNamed(condition, withoutVersion(tag), withoutVersion, "weak")
    })
  )
}
