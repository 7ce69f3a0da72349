import type { CatalogError } from "@backup-catalog/core"
import { Effect, Layer } from "effect"
import { layer as catalogLayer, type HttpServices } from "../HttpCatalog.ts"
import type { InvalidOption } from "../HttpCatalogOptions.ts"
import { KeystoneSession, signInEffect } from "./KeystoneSession.ts"
import type { SignInOptions } from "./SignInOptions.ts"
import type { Surroundings } from "./Surroundings.ts"

/**
 * The catalog of whoever signs in, and the session, which knows the account.
 *
 * Signs in when it is built; fails as `signInEffect` does.
 */
export const layer = (
  options: SignInOptions = {},
  surroundings: Partial<Surroundings> = {}
): Layer.Layer<HttpServices | KeystoneSession, InvalidOption | CatalogError> =>
  Layer.unwrapEffect(
    Effect.map(signInEffect(options, surroundings), (session) =>
      Layer.merge(catalogLayer(session.catalogOptions), Layer.succeed(KeystoneSession, session))
    )
  )
