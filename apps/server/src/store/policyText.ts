import { Policy } from "@backup-catalog/core"
import { Schema } from "effect"

const PolicyText = Schema.parseJson(Policy)

/** A policy from the JSON text that a store keeps. */
export const decodePolicy = Schema.decodeSync(PolicyText)

/** The JSON text that a store keeps of a policy. */
export const encodePolicy = Schema.encodeSync(PolicyText)
