import { asking, requestOptions } from "../asked.ts"
import { readOptions } from "../HttpCatalogOptions.ts"
import type { Known } from "../readMembers.ts"
import { type Session, signInEffect } from "./KeystoneSession.ts"
import type { SignInOptions } from "./SignInOptions.ts"
import type { Surroundings } from "./Surroundings.ts"

/** What of a sign-in is none of its settings. */
export interface SignInContext extends Partial<Surroundings> {
  /** Ends the sign-in at once, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

const contextMembers: Known<SignInContext> = { ...requestOptions, env: true, cwd: true, home: true, site: true }

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
export const signIn = (options: SignInOptions = {}, context: SignInContext = {}): Promise<Session> =>
  asking(readOptions(context, contextMembers), ({ signal: _, ...surroundings }) => signInEffect(options, surroundings))
