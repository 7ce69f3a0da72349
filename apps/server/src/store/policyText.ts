import { Policy, PolicyRule } from "@backup-catalog/core"
import { Schema } from "effect"

const anyText = Schema.optionalWith(Schema.String, { exact: true })
const StoredRule = Schema.Struct({ ...PolicyRule.fields, instance: anyText, datastore: anyText })
const StoredPolicy = Schema.Struct({ ...Policy.fields, rules: Schema.Array(StoredRule) })

const decodeStored = Schema.decodeSync(Schema.parseJson(StoredPolicy))

/** A policy from the JSON text that a store keeps. */
export const decodePolicy = (text: string): Policy => {
  const policy = decodeStored(text)
  // Earlier versions took patterns that no name can fit: such a rule decides nothing.
  return { ...policy, rules: policy.rules.filter(Schema.is(PolicyRule)) }
}

/** The JSON text that a store keeps of a policy. */
export const encodePolicy = Schema.encodeSync(Schema.parseJson(Policy))
