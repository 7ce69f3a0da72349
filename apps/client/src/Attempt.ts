import { UnexpectedAnswer } from "@backup-catalog/core"
import { Context } from "effect"
import type { Body } from "./body.ts"
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

/** A text without a secret and without any beginning of it that is long enough to be one. */
const without = (secret: string, text: string): string => {
  const beginning = secret.slice(0, SECRET_LENGTH)
  let clean = ""
  let from = 0
  for (let at = text.indexOf(beginning); at >= 0; at = text.indexOf(beginning, from)) {
    let length = SECRET_LENGTH
    while (length < secret.length && secret[length] === text[at + length]) length++
    clean += `${text.slice(from, at)}<redacted>`
    from = at + length
  }
  return clean + text.slice(from)
}

/** A text of the server's without the token, should the server have put it there, whole or cut, bare or quoted. */
const withoutToken = ({ token }: AttemptState, text: string): string =>
  token === undefined || token.length < SECRET_LENGTH
    ? text
    : without(JSON.stringify(token).slice(1, -1), without(token, text))

const MAX_MESSAGE = 500

/** A text with parts of an answer in it as an error may show it: without the token, and not endless. */
export const presentable = (attempt: AttemptState, text: string): string => {
  const clean = withoutToken(attempt, text)
  return clean.length <= MAX_MESSAGE ? clean : `${clean.slice(0, MAX_MESSAGE)}…`
}

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
    message: presentable(attempt, `${attempt.base} answered ${status === 0 ? "" : `${status}, `}but ${sentence}.`),
    ...requestIdOf(attempt),
    ...retryAfterOf(attempt)
  })
}
