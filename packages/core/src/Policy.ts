import { Duration, Schema } from "effect"
import { identifier } from "./Backup.ts"
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

/**
 * Whether a name fits a pattern of `*` and `?`, in time that grows with the product of their lengths at most.
 */
export const fitsPattern = (pattern: string, name: string): boolean => {
  const wanted = [...pattern]
  const given = [...name]
  let star = -1
  let retry = 0
  let w = 0
  let g = 0
  while (g < given.length) {
    if (wanted[w] === "*") {
      star = w++
      retry = g
    } else if (w < wanted.length && (wanted[w] === "?" || wanted[w] === given[g])) {
      w++
      g++
    } else if (star >= 0) {
      w = star + 1
      g = ++retry
    } else {
      return false
    }
  }
  while (wanted[w] === "*") w++
  return w === wanted.length
}

const applies = (rule: PolicyRule, instance: string, datastore: string | undefined): boolean =>
  (rule.instance === undefined || fitsPattern(rule.instance, instance)) &&
  (rule.datastore === undefined ||
    (datastore !== undefined && fitsPattern(rule.datastore.toLowerCase(), datastore.toLowerCase())))

/** How old the newest usable backup of an instance may be, by the account's policy and then the server's. */
export const maxAgeOf = (account: Policy, server: Policy, instance: string, datastore: string | undefined): MaxAge => {
  for (const { rules, maxAge } of [account, server]) {
    const rule = rules.find((one) => applies(one, instance, datastore))
    if (rule !== undefined) return rule.maxAge
    if (maxAge !== undefined) return maxAge
  }
  return DEFAULT_MAX_AGE
}
