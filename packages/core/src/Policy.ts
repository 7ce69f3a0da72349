import { Duration, Schema } from "effect"
import { identifier } from "./Backup.ts"
import { namePattern } from "./namePattern.ts"
import { parseDuration } from "./parseDuration.ts"

const LEAST = Duration.minutes(1)
const MOST = Duration.days(36_500)

/** How old the newest usable backup of an instance may be: a duration such as `26h`, from one minute to 36,500 days. */
export const MaxAge = Schema.String.pipe(
  Schema.filter(
    (text) => {
      const age = parseDuration(text)
      return age !== undefined && Duration.between(age, { minimum: LEAST, maximum: MOST })
    },
    { message: () => "must be a duration from 1m to 36500d, such as 26h, 90m or 7d" }
  ),
  Schema.brand("MaxAge"),
  Schema.annotations({ identifier: "MaxAge", jsonSchema: { type: "string", examples: ["26h"] } })
)
export type MaxAge = typeof MaxAge.Type

/** The milliseconds of a `MaxAge`. */
export const maxAgeMillis = (age: MaxAge): number => Duration.toMillis(parseDuration(age) ?? Duration.zero)

/** How old a backup may be where nobody says. */
export const DEFAULT_MAX_AGE = "26h" as MaxAge

/** A name with `*` for any characters and `?` for any one; all of the name must fit. */
export const Pattern = identifier.annotations({
  identifier: "Pattern",
  jsonSchema: { type: "string", minLength: 1, maxLength: 255 }
})

/** The most rules that a policy may have. */
export const MAX_RULES = 100

/** A `max_age` for the instances whose id, and whose datastore in any case, fit the patterns that are given. */
export const PolicyRule = Schema.Struct({
  instance: Schema.optionalWith(Pattern, { exact: true }),
  datastore: Schema.optionalWith(Pattern, { exact: true }),
  maxAge: MaxAge.pipe(Schema.propertySignature, Schema.fromKey("max_age"))
}).annotations({ identifier: "PolicyRule" })
export type PolicyRule = typeof PolicyRule.Type

/**
 * How old the newest usable backup of an instance may be: the first rule that fits it, else `maxAge`, else what the
 * server has. `metrics` lets the server show the account's coverage among its metrics.
 */
export const Policy = Schema.Struct({
  maxAge: Schema.optionalWith(MaxAge, { exact: true }).pipe(Schema.fromKey("max_age")),
  rules: Schema.optionalWith(
    Schema.Array(PolicyRule).pipe(
      Schema.maxItems(MAX_RULES, { message: () => `must have at most ${MAX_RULES} rules` })
    ),
    { default: () => [] }
  ),
  metrics: Schema.optionalWith(Schema.Boolean, { default: () => false })
}).annotations({ identifier: "Policy" })
export type Policy = typeof Policy.Type

/** The policy of an account that has none of its own. */
export const noPolicy: Policy = { rules: [], metrics: false }

/** Tells how old the newest usable backup of an instance may be, by its id and its datastore. */
export type MaxAgeOf = (instance: string, datastore: string | undefined) => MaxAge

const compileRule = ({ instance, datastore, maxAge }: PolicyRule) => ({
  maxAge,
  isInstance: instance === undefined ? undefined : namePattern(instance),
  isDatastore: datastore === undefined ? undefined : namePattern(datastore.toLowerCase())
})

const compilePolicy = ({ rules, maxAge }: Policy) => ({ rules: rules.map(compileRule), maxAge })

/** How old the newest usable backup of any instance may be, by the account's policy and then the server's. */
export const maxAgesOf = (account: Policy, server: Policy): MaxAgeOf => {
  const policies = [account, server].map(compilePolicy)
  return (instance, datastore) => {
    const type = datastore?.toLowerCase()
    for (const { rules, maxAge } of policies) {
      const rule = rules.find(
        ({ isInstance, isDatastore }) =>
          isInstance?.(instance) !== false && (isDatastore === undefined || (type !== undefined && isDatastore(type)))
      )
      if (rule !== undefined) return rule.maxAge
      if (maxAge !== undefined) return maxAge
    }
    return DEFAULT_MAX_AGE
  }
}
