import { type AccountId, type CatalogError, UnexpectedAnswer } from "@backup-catalog/core"
import { Clock, Context, Effect, Redacted } from "effect"
import type { ClientOptions } from "../createClient.ts"
import type { HttpCatalogOptions, InvalidOption } from "../HttpCatalogOptions.ts"
import { runPromise } from "../runPromise.ts"
import { catalogUrl } from "./catalogUrl.ts"
import { refuseOtherProject } from "./refuseOtherProject.ts"
import { type Issued, requestToken } from "./requestToken.ts"
import { readSettings, type Settings } from "./Settings.ts"
import type { SignInOptions } from "./SignInOptions.ts"
import { type Surroundings, surroundingsOf } from "./Surroundings.ts"
import { sharedRun } from "./sharedRun.ts"

/** Somebody who is signed in: where their catalog is, which account they have, and a token that renews itself. */
export interface Session {
  /** The address of the catalog, as the option `url` of the client wants it. */
  readonly url: string
  /** The id of the project, which is the account. */
  readonly account: AccountId
  /** The token, renewed when it has at most a minute (or a tenth of its time) left. One request serves all who ask. */
  readonly currentToken: Effect.Effect<Redacted.Redacted, CatalogError>
  /** `currentToken` as a Promise. */
  readonly token: () => Promise<Redacted.Redacted>
  /**
   * Says that a token was refused: unless it has been replaced already, the next one who asks gets a new one. Without a
   * token, whichever there is now is meant.
   */
  readonly invalidate: (refused?: string | Redacted.Redacted) => void
  /** What `createClient` needs. A token that the catalog refuses is replaced once, and the request sent again. */
  readonly clientOptions: Pick<ClientOptions, "url" | "account" | "token" | "invalidate">
  /** What the `layer` of `@backup-catalog/client/effect` needs; as `clientOptions`, without the account. */
  readonly catalogOptions: Pick<HttpCatalogOptions, "url" | "token" | "invalidate">
}

/** The session of a program, as a service. */
export class KeystoneSession extends Context.Tag("@backup-catalog/client/KeystoneSession")<
  KeystoneSession,
  Session
>() {}

const EARLY = 60_000

const projectOf = ({ answer: { project } }: Issued, { authUrl }: Settings, expected?: AccountId) => {
  if (project !== undefined && (expected === undefined || project.id === expected)) return Effect.succeed(project)
  const what = project === undefined ? "no project" : `another project than ${expected}`
  return new UnexpectedAnswer({ code: 201, message: `Keystone at ${authUrl} gave a token of ${what}.` })
}

const textOf = (token: string | Redacted.Redacted): string =>
  Redacted.isRedacted(token) ? Redacted.value(token) : token

/** The effect that gives the token of a session, and what makes it give another one. */
const renewing = (first: Issued, renew: Effect.Effect<Issued, CatalogError>) => {
  let held: Issued | undefined = first
  const renewal = sharedRun(Effect.tap(renew, (issued) => Effect.sync(() => (held = issued))))
  const currentToken = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const known = held
    if (known !== undefined && now < known.expires - Math.min(EARLY, known.lifetime / 10)) return known.token
    const issued = yield* Effect.catchAll(renewal, (error) =>
      // A token that is about to expire is still better than none.
      Effect.flatMap(Clock.currentTimeMillis, (later) =>
        known !== undefined && held === known && later < known.expires ? Effect.succeed(known) : Effect.fail(error)
      )
    )
    return issued.token
  })
  const invalidate = (refused?: string | Redacted.Redacted): void => {
    if (held === undefined) return
    if (refused === undefined || textOf(refused) === Redacted.value(held.token)) held = undefined
  }
  return { currentToken, invalidate }
}

const signInWith = Effect.fnUntraced(function* (settings: Settings) {
  const first = yield* requestToken(settings, { withCatalog: settings.wanted.endpointOverride === undefined })
  const project = yield* projectOf(first, settings)
  yield* refuseOtherProject(settings, project)
  const account = project.id
  const url = yield* catalogUrl(settings, first.answer.catalog, account)
  const renew = Effect.tap(requestToken(settings, { withCatalog: false }), (issued) =>
    projectOf(issued, settings, account)
  )
  const { currentToken, invalidate } = renewing(first, renew)
  const token = () => runPromise(currentToken)
  return {
    url,
    account,
    currentToken,
    token,
    invalidate,
    // The plain client brings an Effect of its own, which may be of another version.
    clientOptions: { url, account, token, invalidate },
    catalogOptions: { url, token: currentToken, invalidate }
  } satisfies Session
})

const settingsOf = (
  options: SignInOptions,
  surroundings: Partial<Surroundings>
): Effect.Effect<Settings, InvalidOption> => Effect.suspend(() => readSettings(options, surroundingsOf(surroundings)))

/**
 * Looks at all that a sign-in needs, without asking anybody.
 *
 * Fails with `InvalidOption` when a setting is missing or cannot be used, as `signInEffect` would.
 */
export const checkSignInEffect = (
  options: SignInOptions = {},
  surroundings: Partial<Surroundings> = {}
): Effect.Effect<void, InvalidOption> => Effect.asVoid(settingsOf(options, surroundings))

/**
 * Signs in to Keystone, and finds the catalog in its list of services.
 *
 * Fails with `InvalidOption` when a setting is missing or cannot be used, `Unauthorized` when Keystone refuses the
 * credentials, and otherwise as a read of the catalog does.
 */
export const signInEffect = (
  options: SignInOptions = {},
  surroundings: Partial<Surroundings> = {}
): Effect.Effect<Session, InvalidOption | CatalogError> =>
  Effect.flatMap(settingsOf(options, surroundings), signInWith).pipe(Effect.withSpan("Keystone.signIn"))
