import { readFileSync } from "node:fs"
import { type Flags, type Setting, systemReason } from "@backup-catalog/command-line"
import { DEFAULT_MAX_AGE, describeParseError, MaxAge, Policy } from "@backup-catalog/core"
import { Effect, Either, Schema } from "effect"
import type { CommandError } from "./CommandError.ts"
import type { Given } from "./ServerCommand.ts"
import { shown, wrong } from "./settings.ts"

const section = "Imports and coverage"

/** What says how old backups may be where the policy of an account says nothing. */
export const policyOptions = {
  "max-age": {
    section,
    value: "DURATION",
    variable: "CATALOG_MAX_AGE",
    otherwise: `what --policy says, or ${DEFAULT_MAX_AGE}`,
    help: "How old the newest usable backup of an instance may be, unless the account's policy says otherwise."
  },
  policy: {
    section,
    value: "FILE",
    file: true,
    variable: "CATALOG_POLICY",
    help: "A JSON file with max_age and rules, as PUT .../policy takes them, for accounts that say nothing."
  }
} satisfies Flags

// Whether an account is among the metrics is its own to say.
const decodePolicy = Schema.decodeUnknownEither(Policy.pipe(Schema.omit("metrics")), { onExcessProperty: "error" })

const readPolicy = ({ name, value: file }: Setting): Effect.Effect<Policy, CommandError> =>
  Effect.try({
    try: () => readFileSync(file),
    catch: (cause) => wrong(`${name} ${file} cannot be read: ${systemReason(cause)}.`)
  }).pipe(
    Effect.flatMap((bytes) =>
      // The error of a parser quotes what it read; a decoder leaves out the mark that some editors put in front.
      Effect.try({
        try: (): unknown => JSON.parse(new TextDecoder().decode(bytes)),
        catch: () => wrong(`${name} ${file} is not JSON.`)
      })
    ),
    Effect.flatMap((value) =>
      Either.mapBoth(decodePolicy(value), {
        onLeft: (error) => wrong(`In ${name} ${file}, ${describeParseError(error, "the whole")}.`),
        onRight: (policy) => ({ ...policy, metrics: false })
      })
    )
  )

/** The server's policy: what the file says, and `--max-age` before its `max_age`. */
export const readServerPolicy = (given: Given<typeof policyOptions>): Effect.Effect<Policy, CommandError> =>
  Effect.gen(function* () {
    const fromFile: Policy =
      given.policy === undefined ? { rules: [], metrics: false } : yield* readPolicy(given.policy)
    const age = given["max-age"]
    if (age === undefined) return { ...fromFile, maxAge: fromFile.maxAge ?? DEFAULT_MAX_AGE }
    const maxAge = yield* Effect.mapError(Schema.decode(MaxAge)(age.value), () =>
      wrong(`${age.name} must be a duration from 1m to 36500d, such as 26h, 90m or 7d; not ${shown(age.value)}.`)
    )
    return { ...fromFile, maxAge }
  })
