import { UnexpectedAnswer } from "@backup-catalog/core"
import { Context, Redacted } from "effect"
import type { Body } from "./body.ts"
import { concealed } from "./concealed.ts"
import type { KeptAnswer } from "./KeptAnswers.ts"

/** What has arrived of an answer so far. */
export interface Answer {
  readonly status: number
  readonly requestId: string | undefined
  /** The seconds that `Retry-After` names. */
  readonly retryAfter: number | undefined
  /** The body, once it is whole. */
  readonly body?: Body
}

/** One attempt at one request: what its errors can say of it. */
export class Attempt extends Context.Tag("@backup-catalog/client/Attempt")<
  Attempt,
  {
    /** The configured address, which errors name. */
    readonly base: string
    /** The token, which they must not name. */
    token?: string
    /** What an earlier attempt was answered, which the server may say still holds. */
    known?: KeptAnswer
    /** The status of a success, where it is not the one that the method of the request has elsewhere. */
    readonly success?: number
    /** The body of its answer as it comes. */
    body?: ReadableStream<Uint8Array> | null
    answer?: Answer
  }
>() {}

/** What is known of an attempt. */
export type AttemptState = typeof Attempt.Service

// A shorter one is no secret, and may well be a word of the text.
const SECRET_LENGTH = 16

/** A text with parts of an answer in it as an error may show it: not endless, and nothing of it with the token in it. */
export const presentable = ({ token = "" }: AttemptState, text: string): string =>
  concealed(text, token.length < SECRET_LENGTH ? [] : [Redacted.make(token)])

/** The members that every error of an attempt has when the answer named them. */
export const requestIdOf = ({ answer }: AttemptState): { readonly requestId?: string } =>
  answer?.requestId === undefined ? {} : { requestId: answer.requestId }

/** The wait that an answer asked for. */
export const retryAfterOf = ({ answer }: AttemptState): { readonly retryAfter?: number } =>
  answer?.retryAfter === undefined ? {} : { retryAfter: answer.retryAfter }

/** The error for an answer that is not what the contract says. */
export const unexpected = (attempt: AttemptState, sentence: string): UnexpectedAnswer => {
  const status = attempt.answer?.status ?? 0
  return new UnexpectedAnswer({
    code: status,
    message: `${attempt.base} answered ${status === 0 ? "" : `${status}, `}but ${presentable(attempt, sentence)}.`,
    ...requestIdOf(attempt),
    ...retryAfterOf(attempt)
  })
}
