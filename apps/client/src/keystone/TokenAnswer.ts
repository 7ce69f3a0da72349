import { AccountId } from "@backup-catalog/core"
import { Schema } from "effect"

const time = Schema.String.pipe(
  Schema.filter((text) => !Number.isNaN(Date.parse(text)) || "must be a time such as 2026-01-01T00:00:00.000000Z")
)

const Endpoint = Schema.Struct({
  interface: Schema.String,
  region: Schema.optional(Schema.NullOr(Schema.String)),
  region_id: Schema.optional(Schema.NullOr(Schema.String)),
  url: Schema.NullOr(Schema.String)
})

/** One address of a service in Keystone's catalog. */
export type Endpoint = typeof Endpoint.Type

const Project = Schema.Struct({
  id: AccountId,
  name: Schema.optional(Schema.String),
  domain: Schema.optional(Schema.Struct({ id: Schema.String, name: Schema.optional(Schema.String) }))
})

/** The project that a token is of. */
export type Project = typeof Project.Type

/** What Keystone answers to the request for a token, as far as it is of use here. */
export const TokenAnswer = Schema.Struct({
  token: Schema.Struct({
    expires_at: time,
    issued_at: Schema.optional(time),
    project: Schema.optional(Project),
    catalog: Schema.optional(Schema.Array(Schema.Struct({ type: Schema.String, endpoints: Schema.Array(Endpoint) })))
  })
})
/** What Keystone answers to the request for a token, as far as it is of use here. */
export type TokenAnswer = typeof TokenAnswer.Type
