import { Effect } from "effect"
import { UsageError } from "../outcomes/UsageError.ts"
import { outputOf, type SubprocessFailed } from "../processes/Subprocess.ts"
import type { Screen } from "../terminal/Screen.ts"

/** Whose token it is, and for which catalog. */
export interface KeyringEntry {
  readonly url: string
  readonly account: string
}

// Unlocking asks the person at the desk, who may have to look for a passphrase.
const PATIENCE_MS = 120_000

const attributes = ({ url, account }: KeyringEntry) => ["service", "backup-catalog", "url", url, "account", account]

const run = (args: ReadonlyArray<string>, input = "") => outputOf("secret-tool", args, { input, limitMs: PATIENCE_MS })

const failure = (sentence: string) => (error: SubprocessFailed) =>
  new UsageError({
    message: error.missing
      ? "The keyring needs the program secret-tool, which is not on PATH: install libsecret-tools (Debian, Ubuntu) or libsecret."
      : `${sentence}: secret-tool ${error.reason}.`
  })

/** Puts a token into the keyring of the system, in place of the one that is there. */
export const storeToken = (entry: KeyringEntry, token: string): Effect.Effect<void, UsageError, Screen> =>
  run(["store", "--label", `Backup catalog: ${entry.account} at ${entry.url}`, ...attributes(entry)], token).pipe(
    Effect.mapError(failure("The keyring did not take the token")),
    Effect.asVoid
  )

/** The token that the keyring of the system holds. */
export const lookUpToken = (entry: KeyringEntry): Effect.Effect<string, UsageError, Screen> =>
  run(["lookup", ...attributes(entry)]).pipe(
    Effect.mapError(
      failure(
        `The keyring gave no token of the account ${entry.account} at ${entry.url}; backups login --keyring stores one`
      )
    ),
    Effect.map((text) => text.replace(/\n$/, ""))
  )

/** Takes a token out of the keyring of the system; one that is not there is no failure. */
export const clearToken = (entry: KeyringEntry): Effect.Effect<void, UsageError, Screen> =>
  run(["clear", ...attributes(entry)]).pipe(
    Effect.asVoid,
    // Without an entry it ends with 1.
    Effect.catchIf(
      ({ missing, reason }) => !missing && reason === "ended with 1",
      () => Effect.void
    ),
    Effect.mapError(failure("The keyring did not let go of the token"))
  )
