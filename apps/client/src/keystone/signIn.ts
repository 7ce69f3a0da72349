import { runPromise } from "../runPromise.ts"
import { type Session, signInEffect } from "./KeystoneSession.ts"
import type { SignInOptions } from "./SignInOptions.ts"
import type { Surroundings } from "./Surroundings.ts"

/** What of a sign-in is none of its settings. */
export interface SignInContext extends Partial<Surroundings> {
  /** Ends the sign-in at once, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Signs in to Keystone with the settings of the OpenStack tools, and finds the catalog in its list of services.
 *
 * ```ts
 * const session = await signIn({ cloud: "shop" })
 * const client = createClient(session.clientOptions)
 * ```
 *
 * Rejects with `InvalidOption` when a setting is missing or cannot be used, `Unauthorized` when Keystone refuses the
 * credentials, and otherwise as a read of the catalog does.
 */
export const signIn = (
  options: SignInOptions = {},
  { signal, ...surroundings }: SignInContext = {}
): Promise<Session> => runPromise(signInEffect(options, surroundings), signal)
