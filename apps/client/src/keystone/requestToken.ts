import { type CatalogError, describeParseError, UnexpectedAnswer } from "@backup-catalog/core"
import { Clock, Effect, Either, Option, Redacted, Schema } from "effect"
import { concealed } from "../concealed.ts"
import { headerText } from "../HttpCatalogOptions.ts"
import { retrying } from "../retrying.ts"
import { faultOf, parseJson, secretsOf } from "./faultOf.ts"
import { post } from "./post.ts"
import type { Settings } from "./Settings.ts"
import { TokenAnswer } from "./TokenAnswer.ts"

/** A token as Keystone gave it. */
export interface Issued {
  readonly token: Redacted.Redacted
  /** When it stops being valid, in milliseconds of this machine's clock. */
  readonly expires: number
  /** For how many milliseconds it was valid when it came. */
  readonly lifetime: number
  readonly answer: TokenAnswer["token"]
}

const decodeAnswer = Schema.decodeUnknownEither(TokenAnswer)

const requestOnce = Effect.fnUntraced(function* (settings: Settings, path: string) {
  const asked = yield* Clock.currentTimeMillis
  const answer = yield* post(settings, path)
  const { status, headers, text } = answer
  const secrets = secretsOf(settings, answer)
  const unexpected = (sentence: string) =>
    new UnexpectedAnswer({
      code: status,
      message: `Keystone at ${settings.authUrl} answered ${status}, but ${concealed(sentence, secrets)}.`
    })
  if (text === undefined) return yield* unexpected("its body is larger than 4 MiB, which is the most that is read")
  if (status !== 201) return yield* Effect.fail(faultOf(settings, answer, asked))
  const json = parseJson(text)
  if (Option.isNone(json))
    return yield* unexpected("its body is not JSON; something other than Keystone may have answered")
  const decoded = decodeAnswer(json.value)
  if (Either.isLeft(decoded)) return yield* unexpected(describeParseError(decoded.left, "its body"))
  const token = headers.get("x-subject-token") ?? ""
  if (!headerText.test(token)) return yield* unexpected("its X-Subject-Token is missing or no token")
  const answered = decoded.right.token
  // The clocks of Keystone and of this machine may differ, but an hour is as long for both.
  const issued = answered.issued_at === undefined ? asked : Date.parse(answered.issued_at)
  const lifetime = Math.max(0, Date.parse(answered.expires_at) - issued)
  return { token: Redacted.make(token), expires: asked + lifetime, lifetime, answer: answered } satisfies Issued
})

/** A new token from Keystone, with the catalog of its services or without; tried again where that is of use. */
export const requestToken = (
  settings: Settings,
  { withCatalog }: { readonly withCatalog: boolean }
): Effect.Effect<Issued, CatalogError> =>
  retrying(settings)(requestOnce(settings, withCatalog ? "/auth/tokens" : "/auth/tokens?nocatalog")).pipe(
    Effect.withSpan("Keystone.requestToken")
  )
