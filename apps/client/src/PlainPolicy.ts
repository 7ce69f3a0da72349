import { type BadRequest, Policy, type PolicyInForce } from "@backup-catalog/core"
import { Effect, Schema } from "effect"
import { checked, defined, refused } from "./asked.ts"
import type { Known } from "./readMembers.ts"

/**
 * A maximal age for the instances whose id and whose datastore fit, with `*` for any characters and `?` for any one.
 */
export interface PlainPolicyRule {
  readonly instance?: string | undefined
  readonly datastore?: string | undefined
  readonly maxAge: string
}

/** How old the newest usable backup of an instance may be: by the first rule that fits it, else `maxAge`. */
export interface PlainPolicy {
  /** A duration such as `26h`; null where the policy does not say. */
  readonly maxAge: string | null
  readonly rules: ReadonlyArray<PlainPolicyRule>
  /** Whether the server may show the account's coverage among its metrics. */
  readonly metrics: boolean
}

/** An account's own policy, and what holds where it says nothing. */
export interface PlainPolicies {
  readonly policy: PlainPolicy
  readonly default: PlainPolicy
}

/** A policy that is to hold: the members of a `PlainPolicy`, of which any may be absent. */
export type PolicyInput = {
  readonly [Member in keyof PlainPolicy]?: PlainPolicy[Member] | null | undefined
}

const plain = ({ maxAge, rules, metrics }: Policy): PlainPolicy => ({ maxAge: maxAge ?? null, rules, metrics })

/** The plain form of the policies of an account. */
export const toPlainPolicy = (policies: PolicyInForce): PlainPolicies => ({
  policy: plain(policies.policy),
  default: plain(policies.default)
})

const members: Known<PolicyInput> = { maxAge: true, rules: true, metrics: true }
const ruleMembers: Known<PlainPolicyRule> = { instance: true, datastore: true, maxAge: true }

const decode = Schema.decodeUnknown(Schema.typeSchema(Policy))

/** The policy that an input means; `BadRequest` naming the member that is unknown or invalid. */
export const parsePolicyInput = (input: PolicyInput): Effect.Effect<Policy, BadRequest> =>
  Effect.gen(function* () {
    const { maxAge, rules, metrics } = yield* checked(input, members, "member")
    const given = Array.isArray(rules)
      ? yield* Effect.forEach(rules, (rule: PlainPolicyRule) => checked(rule, ruleMembers, "member"))
      : rules
    return yield* refused("the policy")(
      decode({ ...defined({ maxAge: maxAge ?? undefined }), rules: given ?? [], metrics: metrics ?? false })
    )
  })
