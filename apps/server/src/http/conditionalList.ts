import type { EncodedListPage, Fault } from "@backup-catalog/core"
import { Effect, Either } from "effect"
import type { Answer } from "./Answer.ts"
import { type EntityTags, parseCondition } from "./EntityTags.ts"
import { type Asked, LIST_HEADERS, listAnswer } from "./listAnswer.ts"

/** How a list of one account is answered. */
export interface ListQuestion {
  readonly asked: Asked
  /** The header `If-None-Match`. */
  readonly ifNoneMatch: string | undefined
  readonly version: Effect.Effect<bigint, Fault>
  readonly page: Effect.Effect<EncodedListPage, Fault>
}

/** The answer to who has what they ask for already, by its tag. */
export const notModified = (tag: string): Answer => ({
  status: 304,
  headers: { ETag: `"${tag}"`, "Cache-Control": LIST_HEADERS["Cache-Control"] },
  body: ""
})

/**
 * The answer to a list, with its entity tag; 304 when the caller has it already, which takes one look at the account's
 * version and none at its records: a tag tells what was asked for, so one that holds was of a question that could be
 * answered.
 */
export const conditionalList = (
  tags: typeof EntityTags.Service,
  { asked, ifNoneMatch, version, page }: ListQuestion
): Effect.Effect<Answer, Fault> => {
  const url = `${asked.url}?${asked.search}`
  const whole = Effect.map(
    page,
    (found): Answer => ({
      status: 200,
      headers: { ...LIST_HEADERS, ETag: `"${tags.ofList(found.version, url)}"` },
      body: listAnswer(found, asked)
    })
  )
  if (ifNoneMatch === undefined) return whole
  // One that cannot be read is as good as none: the answer is whole.
  const condition = Either.getOrElse(parseCondition("If-None-Match", ifNoneMatch), () => undefined)
  if (condition === undefined) return whole
  if (condition === "any") return Effect.map(page, (found) => notModified(tags.ofList(found.version, url)))
  return Effect.flatMap(version, (current) => {
    const tag = tags.ofList(current, url)
    return condition.some((one) => one.tag === tag) ? Effect.succeed(notModified(tag)) : whole
  })
}
