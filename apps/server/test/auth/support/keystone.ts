import { Cause, Context, Effect, Exit, HashMap, Layer, Logger, LogLevel, Redacted, type Scope } from "effect"
import { assert } from "vitest"
import type { KeystoneCredentials } from "../../../src/auth/keystone/Credentials.ts"
import { type KeystoneSettings, keystoneDefaults, layerKeystone } from "../../../src/auth/keystone/KeystoneVerifier.ts"
import { TokenVerifier } from "../../../src/auth/TokenVerifier.ts"
import { ServerMetrics } from "../../../src/metrics/ServerMetrics.ts"
import { type IdentityServer, identityServer, OWN_PASSWORD } from "./IdentityServer.ts"

/** Credentials that the identity server takes. */
export const credentials: KeystoneCredentials = {
  method: "password",
  user: { name: "backup-catalog", domain: { name: "Default" } },
  password: Redacted.make(OWN_PASSWORD),
  project: { name: "service", domain: { name: "Default" } }
}

/** A verifier, the identity server that it asks, and everything that it logged. */
export interface Keystone {
  readonly identity: IdentityServer
  readonly verify: (typeof TokenVerifier.Service)["verify"]
  /** One text per line: its level, its message and its cause. */
  readonly log: ReadonlyArray<string>
}

const capture = (lines: Array<string>) =>
  Layer.merge(
    Logger.add(
      Logger.make(({ logLevel, message, cause, annotations }) => {
        // The test clock has a warning of its own for tests in which real time passes.
        if (String(message).startsWith("Warning: A test is")) return
        lines.push(
          `${logLevel.label} ${String(message)} ${Cause.pretty(cause)} ${JSON.stringify(HashMap.toEntries(annotations))}`
        )
      })
    ),
    Logger.minimumLogLevel(LogLevel.All)
  )

/** A verifier in front of an identity server of its own, with the settings that a server has by default. */
export const startKeystone = ({
  path = "",
  ...settings
}: Partial<KeystoneSettings> & { readonly path?: string } = {}): Effect.Effect<Keystone, never, Scope.Scope> =>
  Effect.gen(function* () {
    const identity = yield* identityServer
    const log: Array<string> = []
    const context = yield* Layer.build(
      Layer.provide(
        layerKeystone({ url: `${identity.url}${path}`, credentials, ...keystoneDefaults, ...settings }),
        Layer.merge(capture(log), ServerMetrics.layer(false, undefined))
      )
    )
    return { identity, log, verify: Context.get(context, TokenVerifier).verify }
  })

/** Fails unless an effect fails with a fault of this kind; gives the fault. */
export const faultOf = <A, E extends { readonly _tag: string }, Tag extends E["_tag"]>(
  effect: Effect.Effect<A, E>,
  tag: Tag
): Effect.Effect<Extract<E, { readonly _tag: Tag }>> =>
  Effect.map(Effect.exit(effect), (exit) => {
    const failure = Exit.isFailure(exit) ? Cause.squash(exit.cause) : exit.value
    assert.propertyVal(failure, "_tag", tag)
    return failure as Extract<E, { readonly _tag: Tag }>
  })
