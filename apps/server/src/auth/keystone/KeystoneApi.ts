import { Data, Effect, Option, Schema } from "effect"
import { calling } from "../../telemetry/callersTrace.ts"
import { authRequest, type KeystoneCredentials } from "./Credentials.ts"
import { KeystoneToken } from "./KeystoneToken.ts"
import { AnswerUnexpected, KeystoneAway, KeystoneRefusal, TokenUnreadable } from "./KeystoneTrouble.ts"

/** Keystone no longer takes the server's own token. */
class OwnTokenRejected extends Data.TaggedError("OwnTokenRejected") {}

/** A token of the server's own. */
export interface OwnToken {
  readonly token: string
  /** How long it is good, counted from before it was asked for, in milliseconds. */
  readonly lifetime: number
}

/** The two calls to Keystone that checking a token takes; they have no time limit of their own. */
export interface KeystoneApi {
  /** A new token of the server's own. */
  readonly signIn: Effect.Effect<OwnToken, KeystoneAway | KeystoneRefusal>
  /** What Keystone knows of a caller's token; undefined when it stands for nobody. */
  readonly validate: (
    ownToken: string,
    token: string
  ) => Effect.Effect<
    KeystoneToken | undefined,
    KeystoneAway | AnswerUnexpected | KeystoneRefusal | OwnTokenRejected | TokenUnreadable
  >
}

interface Answer {
  readonly status: number
  /** The header that a new token comes in. */
  readonly subjectToken: string | null
  /** Undefined when it is no JSON, or more than anybody needs. */
  readonly body: unknown
}

/** The largest answer that is read, in bytes. */
const MAX_ANSWER = 1024 * 1024

const readText = async (body: ReadableStream<Uint8Array> | null): Promise<string | undefined> => {
  if (body === null) return undefined
  const chunks: Array<Uint8Array> = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    // Leaving the loop cancels the rest of the answer.
    if (length > MAX_ANSWER) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

// Errors of fetch may quote a header in their message, so only their codes are looked at.
const codeOf = (error: unknown): string => {
  const { cause, code } = error as { cause?: { code?: unknown }; code?: unknown }
  return String(cause?.code ?? code ?? "no reason given")
}

// A connection that was kept open may turn out to have been closed meanwhile.
const dropped: ReadonlySet<string> = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"])

const send = (url: string, init: RequestInit): Effect.Effect<Answer, KeystoneAway> =>
  Effect.tryPromise({
    try: async (signal): Promise<Answer> => {
      const response = await fetch(url, { ...init, redirect: "manual", signal })
      const text = await readText(response.body)
      return {
        status: response.status,
        subjectToken: response.headers.get("x-subject-token"),
        body: text === undefined ? undefined : Option.getOrUndefined(parseJson(text))
      }
    },
    catch: codeOf
  }).pipe(
    Effect.retry({ times: 1, while: (code) => dropped.has(code) }),
    Effect.mapError((code) => new KeystoneAway({ reason: `the connection failed (${code})` }))
  )

const decodeCreated = Schema.decodeUnknownOption(
  Schema.Struct({ token: Schema.Struct({ issued_at: Schema.Date, expires_at: Schema.Date }) })
)
const decodeValidated = Schema.decodeUnknownOption(Schema.Struct({ token: KeystoneToken }))
const isOfToken = Schema.is(Schema.Struct({ token: Schema.Object }))
const isError = Schema.is(Schema.Struct({ error: Schema.Struct({ code: Schema.Number }) }))

// A proxy in front of Keystone has a 401 and a 404 of its own, which say nothing about a token.
const isKeystoneError = ({ status, body }: Answer): boolean => isError(body) && body.error.code === status

const unexpected = ({ status }: Answer) =>
  new KeystoneAway({ reason: `it gave an answer that was not expected (${status})` })

const refusals: ReadonlySet<number> = new Set([400, 401, 403, 404])

const ownTokenIn = (answer: Answer): Effect.Effect<OwnToken, KeystoneAway | KeystoneRefusal> => {
  const { status, subjectToken, body } = answer
  if (refusals.has(status) && isKeystoneError(answer)) {
    return new KeystoneRefusal({
      message:
        `it refuses the server's own credentials (${status}), so no token can be checked; put the OS_… ` +
        "variables right and start the server again"
    })
  }
  const created = decodeCreated(body)
  if (status !== 201 || subjectToken === null || Option.isNone(created)) return unexpected(answer)
  const { issued_at, expires_at } = created.value.token
  return Effect.succeed({ token: subjectToken, lifetime: expires_at.getTime() - issued_at.getTime() })
}

// Whatever still answers may do so because of this one token: what stands in front of Keystone looks at headers, too.
const unexpectedOfToken = (answer: Answer): KeystoneAway | AnswerUnexpected =>
  answer.status < 500 ? new AnswerUnexpected({ status: answer.status }) : unexpected(answer)

const callersTokenIn = (answer: Answer): ReturnType<KeystoneApi["validate"]> => {
  const { status, body } = answer
  if (isKeystoneError(answer)) {
    if (status === 404) return Effect.succeed(undefined)
    if (status === 401) return new OwnTokenRejected()
    if (status === 403) {
      return new KeystoneRefusal({
        message: "it does not let the server's own user check tokens (403); give that user the role service or admin"
      })
    }
  }
  if (status !== 200) return unexpectedOfToken(answer)
  const validated = decodeValidated(body)
  if (Option.isSome(validated)) return Effect.succeed(validated.value.token)
  return isOfToken(body) ? new TokenUnreadable() : unexpectedOfToken(answer)
}

/** The API of the Keystone at a URL, with or without `/v3` at its end. */
export const makeKeystoneApi = (url: string, credentials: KeystoneCredentials): KeystoneApi => {
  const tokens = `${url.replace(/\/v3$/, "")}/v3/auth/tokens?nocatalog`
  return {
    signIn: Effect.flatMap(
      calling("POST /v3/auth/tokens", (trace) =>
        send(tokens, {
          method: "POST",
          headers: { Accept: "application/json", "Content-Type": "application/json", ...trace },
          body: JSON.stringify(authRequest(credentials))
        })
      ),
      ownTokenIn
    ),
    validate: (ownToken, token) =>
      Effect.flatMap(
        calling("GET /v3/auth/tokens", (trace) =>
          send(tokens, {
            headers: { Accept: "application/json", "X-Auth-Token": ownToken, "X-Subject-Token": token, ...trace }
          })
        ),
        callersTokenIn
      )
  }
}
