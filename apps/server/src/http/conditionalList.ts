import type { Fault } from "@backup-catalog/core"
import type { EncodedListPage } from "@backup-catalog/core/store"
import { Effect, Either } from "effect"
import type { Answer } from "./Answer.ts"
import { type EntityTags, parseCondition, type TagCondition } from "./EntityTags.ts"
import { type Asked, LIST_HEADERS, listAnswer, listHeaders } from "./listAnswer.ts"
import type { PageMemory, RememberedPage } from "./PageMemory.ts"

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

type Condition = TagCondition | undefined

// One that cannot be read is as good as none: the answer is whole.
const conditionOf = (ifNoneMatch: string | undefined): Condition =>
  ifNoneMatch === undefined
    ? undefined
    : Either.getOrElse(parseCondition("If-None-Match", ifNoneMatch), () => undefined)

const isNamed = (condition: Condition, tag: string): boolean =>
  Array.isArray(condition) && condition.some((one) => one.tag === tag)

const answerOf = ({ tag, answer }: RememberedPage, condition: Condition): Answer =>
  condition === "any" || isNamed(condition, tag) ? notModified(tag) : answer

const urlOf = ({ url, search }: Asked): string => `${url}?${search}`

/** The answer to a list, where it can be told without reading anything: nobody has written since it was remembered. */
export const rememberedList = (
  memory: typeof PageMemory.Service,
  asked: Asked,
  ifNoneMatch: string | undefined,
  state: number | undefined
): Answer | undefined => {
  const known = memory.get(urlOf(asked))
  return known === undefined || state === undefined || known.state !== state
    ? undefined
    : answerOf(known, conditionOf(ifNoneMatch))
}

/**
 * How a list is answered, step by step, whoever takes the steps: its version if that is `asksVersion`, then its page.
 */
const stepsOf = (
  tags: typeof EntityTags.Service,
  memory: typeof PageMemory.Service,
  asked: Asked,
  ifNoneMatch: string | undefined,
  state: number | undefined
) => {
  const url = urlOf(asked)
  const condition = conditionOf(ifNoneMatch)
  const known = memory.get(url)
  return {
    asksVersion: known !== undefined || Array.isArray(condition),
    /** The answer, if the version tells it already. */
    ofVersion: (current: bigint): Answer | undefined => {
      if (known?.version === current) {
        known.state = state
        return answerOf(known, condition)
      }
      const tag = tags.ofList(current, url)
      return isNamed(condition, tag) ? notModified(tag) : undefined
    },
    ofPage: (found: EncodedListPage): Answer => {
      const tag = tags.ofList(found.version, url)
      const answer = { status: 200, headers: listHeaders(tag), body: listAnswer(found, asked) }
      const remembered = { version: found.version, tag, answer, state }
      memory.put(url, remembered)
      return answerOf(remembered, condition)
    }
  }
}

/**
 * The answer to a list, with its entity tag; 304 when the caller has it already, which takes one look at the account's
 * version and none at its records: a tag tells what was asked for, so one that holds was of a question that could be
 * answered. A page that is remembered takes no more than that look either.
 *
 * `state` is what the store was seen to have before.
 */
export const conditionalList = (
  tags: typeof EntityTags.Service,
  memory: typeof PageMemory.Service,
  { asked, ifNoneMatch, version, page }: ListQuestion,
  state?: number
): Effect.Effect<Answer, Fault> => {
  const { asksVersion, ofVersion, ofPage } = stepsOf(tags, memory, asked, ifNoneMatch, state)
  const whole = Effect.map(page, ofPage)
  return asksVersion
    ? Effect.flatMap(version, (current) => {
        const answer = ofVersion(current)
        return answer === undefined ? whole : Effect.succeed(answer)
      })
    : whole
}

/** The same from what a store tells at once; undefined where it does not tell all that it takes. */
export const conditionalListAtOnce = (
  tags: typeof EntityTags.Service,
  memory: typeof PageMemory.Service,
  { asked, ifNoneMatch }: Pick<ListQuestion, "asked" | "ifNoneMatch">,
  version: () => bigint | undefined,
  page: () => EncodedListPage | undefined,
  state: number | undefined
): Answer | undefined => {
  const { asksVersion, ofVersion, ofPage } = stepsOf(tags, memory, asked, ifNoneMatch, state)
  if (asksVersion) {
    const current = version()
    const answer = current === undefined ? undefined : ofVersion(current)
    if (current === undefined || answer !== undefined) return answer
  }
  const found = page()
  return found && ofPage(found)
}
