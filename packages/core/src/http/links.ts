import { Schema } from "effect"

/** A link to another resource; `next` leads to the following page. */
export const Link = Schema.Struct({ rel: Schema.String, href: Schema.String }).annotations({ identifier: "Link" })
export type Link = typeof Link.Type

/** The links of a list, there only when more follow. */
export const Links = Schema.optionalWith(Schema.Array(Link), { exact: true })
