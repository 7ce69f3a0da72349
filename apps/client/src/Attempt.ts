import { UnexpectedAnswer } from "@backup-catalog/core"
import { Context } from "effect"

/** What has arrived of an answer so far. */
export interface Answer {
  readonly status: number
  readonly requestId: string | undefined
  /** The body, once it is whole. */
  readonly text?: string
}

/** One attempt at one request: what its errors can say of it. */
export class Attempt extends Context.Tag("@backup-catalog/client/Attempt")<
  Attempt,
  {
    /** The configured address, which errors name. */
    readonly base: string
    /** The token, which they must not name. */
    token?: string
    answer?: Answer
  }
>() {}

/** What is known of an attempt. */
export type AttemptState = typeof Attempt.Service

// A shorter one is no secret, and may well be a word of the text.
const SECRET_LENGTH = 16

/** A text of the server's without the token, should the server have put it there. */
export const withoutToken = ({ token }: AttemptState, text: string): string =>
  token === undefined || token.length < SECRET_LENGTH ? text : text.replaceAll(token, "<redacted>")

const MAX_MESSAGE = 500

/** A text with parts of an answer in it as an error may show it: without the token, and not endless. */
export const presentable = (attempt: AttemptState, text: string): string => {
  const clean = withoutToken(attempt, text)
  return clean.length <= MAX_MESSAGE ? clean : `${clean.slice(0, MAX_MESSAGE)}…`
}

/** The members that every error of an attempt has when the answer named them. */
export const requestIdOf = ({ answer }: AttemptState): { readonly requestId?: string } =>
  answer?.requestId === undefined ? {} : { requestId: answer.requestId }

/** The error for an answer that is not what the contract says. */
export const unexpected = (attempt: AttemptState, sentence: string): UnexpectedAnswer => {
  const status = attempt.answer?.status ?? 0
  return new UnexpectedAnswer({
    code: status,
    message: presentable(attempt, `${attempt.base} answered ${status === 0 ? "" : `${status}, `}but ${sentence}.`),
    ...requestIdOf(attempt)
  })
}
