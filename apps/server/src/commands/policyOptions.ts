import { readFileSync } from "node:fs"
import { DEFAULT_MAX_AGE, describeParseError, MaxAge, Policy } from "@backup-catalog/core"
import { Effect, Either, Option, Schema } from "effect"
import { CommandError } from "../CommandError.ts"
import { optionalSetting, settingName } from "../settings.ts"

/** What says how old backups may be where the policy of an account says nothing. */
export const policyOptions = {
  maxAge: optionalSetting(
    "max-age",
    "CATALOG_MAX_AGE",
    "How old the newest usable backup of an instance may be, unless the account's policy says otherwise",
    `what --policy says, or ${DEFAULT_MAX_AGE}`
  ),
  policy: optionalSetting(
    "policy",
    "CATALOG_POLICY",
    "A JSON file with max_age and rules, as PUT .../policy takes them, for accounts that say nothing"
  )
}

// Whether an account is among the metrics is its own to say.
const decodePolicy = Schema.decodeUnknownEither(Policy.pipe(Schema.omit("metrics")), { onExcessProperty: "error" })

const wrong = (message: string) => new CommandError({ exitCode: 2, message })

const readPolicy = (file: string): Effect.Effect<Policy, CommandError> =>
  Effect.try({
    try: (): unknown => JSON.parse(readFileSync(file, "utf8")),
    catch: (cause) =>
      wrong(`--policy ${file} cannot be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}.`)
  }).pipe(
    Effect.flatMap((value) =>
      Either.mapBoth(decodePolicy(value), {
        onLeft: (error) => wrong(`In --policy ${file}, ${describeParseError(error, "the whole")}.`),
        onRight: (policy) => ({ ...policy, metrics: false })
      })
    )
  )

/** The server's policy: what the file says, and `--max-age` before its `max_age`. */
export const readServerPolicy = (given: {
  readonly maxAge: Option.Option<string>
  readonly policy: Option.Option<string>
}): Effect.Effect<Policy, CommandError> =>
  Effect.gen(function* () {
    const fromFile: Policy = Option.isSome(given.policy)
      ? yield* readPolicy(given.policy.value)
      : { rules: [], metrics: false }
    if (Option.isNone(given.maxAge)) return { ...fromFile, maxAge: fromFile.maxAge ?? DEFAULT_MAX_AGE }
    const text = given.maxAge.value
    const maxAge = yield* Effect.mapError(Schema.decode(MaxAge)(text), () =>
      wrong(`${settingName("--max-age")} must be a duration from 1m to 36500d, such as 26h, 90m or 7d; not ${text}.`)
    )
    return { ...fromFile, maxAge }
  })
