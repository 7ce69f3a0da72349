import { HttpApiMiddleware, HttpApiSecurity } from "@effect/platform"
import { Context, Schema } from "effect"
import { AccountId } from "../Backup.ts"
import { FaultSchema } from "./FaultSchema.ts"
import { TOKEN_HEADER } from "./tokenHeader.ts"

/**
 * What the owner of a token may do: `reader` reads, `member` also registers and deletes, `admin` also sees all
 * accounts.
 */
export const Role = Schema.Literal("reader", "member", "admin")
export type Role = typeof Role.Type

/** Whom a token stands for. */
export const Identity = Schema.Struct({ account: AccountId, role: Role })
export type Identity = typeof Identity.Type

/** The identity whose token came with the request; the account of the path is its own. */
export class CurrentIdentity extends Context.Tag("@backup-catalog/core/CurrentIdentity")<CurrentIdentity, Identity>() {}

/**
 * Demands a token in `X-Auth-Token` that is good for the account in the path: else 401 or 403 (docs/api.md, The order
 * of checks).
 */
export class TokenAuth extends HttpApiMiddleware.Tag<TokenAuth>()("@backup-catalog/core/TokenAuth", {
  provides: CurrentIdentity,
  failure: FaultSchema,
  security: { token: HttpApiSecurity.apiKey({ in: "header", key: TOKEN_HEADER }) }
}) {}
