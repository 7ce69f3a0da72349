import {
  BadRequest,
  type CatalogError,
  Forbidden,
  ServiceUnavailable,
  Unauthorized,
  UnexpectedAnswer
} from "@backup-catalog/core"
import { Option, Redacted, Schema } from "effect"
import { concealed } from "../concealed.ts"
import { parseRetryAfter } from "../retryAfter.ts"
import { secretIn } from "./Credentials.ts"
import type { Answer } from "./post.ts"
import type { Settings } from "./Settings.ts"

/** The value that a text is the JSON of. */
export const parseJson = (text: string): Option.Option<unknown> =>
  Option.liftThrowable((): unknown => JSON.parse(text))()

const decodeFault = Schema.decodeUnknownOption(Schema.Struct({ error: Schema.Struct({ message: Schema.String }) }))

/** Why Keystone refuses somebody, for each way to sign in. */
const reasons = {
  password: "the user, the password or the project is wrong",
  application_credential: "the application credential is mistyped, expired or deleted",
  token: "the token is mistyped, expired or revoked, or not good for the project"
} as const

const describeRefusal = ({ authUrl, credentials, source }: Settings, headers: Headers): string =>
  headers.has("openstack-auth-receipt")
    ? `Keystone at ${authUrl} wants a second factor for ${source.title}; sign in with an application credential instead.`
    : `Keystone at ${authUrl} refused the sign-in with ${source.title}: ${reasons[credentials.method]}.`

/** What of a request and its answer nobody may see. */
export const secretsOf = ({ credentials }: Settings, { headers }: Answer): ReadonlyArray<Redacted.Redacted> => {
  const token = headers.get("x-subject-token")
  return [secretIn(credentials), ...(token ? [Redacted.make(token)] : [])]
}

const firstLine = (text: string): string => text.split("\n", 1).join("").trim()

/** The error for an answer that is no token; `now` is in milliseconds. */
export const faultOf = (settings: Settings, answer: Answer, now: number): CatalogError => {
  const { status, headers, text = "" } = answer
  const { authUrl, source } = settings
  const secrets = secretsOf(settings, answer)
  const requestId = headers.get("x-openstack-request-id")
  const retryAfter = parseRetryAfter(headers.get("retry-after") ?? undefined, now)
  const said = Option.flatMap(parseJson(text), decodeFault).pipe(
    Option.map(({ error }) => concealed(firstLine(error.message), secrets))
  )
  const members = {
    ...(requestId === null ? {} : { requestId: concealed(requestId, secrets) }),
    ...(retryAfter === undefined ? {} : { retryAfter })
  }
  const detailed = { ...members, ...(Option.isNone(said) ? {} : { details: said.value }) }
  const unexpected = (sentence: string) =>
    new UnexpectedAnswer({
      code: status,
      message: `Keystone at ${authUrl} answered ${status}, ${sentence}.`,
      ...members
    })

  if (status >= 300 && status < 400) {
    return unexpected("but redirects are not followed, since the credentials are for the configured address alone")
  }
  switch (status) {
    case 400:
      return new BadRequest({
        message: `Keystone at ${authUrl} cannot make sense of the sign-in with ${source.title}.`,
        ...detailed
      })
    case 401:
      return new Unauthorized({ message: describeRefusal(settings, headers), ...detailed })
    case 403:
      return new Forbidden({
        message: `Keystone at ${authUrl} does not allow the sign-in with ${source.title}.`,
        ...detailed
      })
    case 404:
      // Keystone says so of a token or an application credential that it does not know.
      return Option.isSome(said)
        ? new Unauthorized({ message: describeRefusal(settings, headers), ...detailed })
        : unexpected(`so there is no Keystone of version 3: check ${source.nameOf("authUrl").words}`)
    case 503:
      return new ServiceUnavailable({ message: `Keystone at ${authUrl} is unavailable at the moment.`, ...detailed })
    default:
      return unexpected(
        Option.match(said, {
          onNone: () => "but neither with a token nor with an error of Keystone's",
          onSome: (words) => `but not with a token: ${words.replace(/\.+$/, "")}`
        })
      )
  }
}
