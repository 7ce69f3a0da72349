import type { Session } from "@backup-catalog/client/keystone"
import type { CatalogError } from "@backup-catalog/core"
import { Effect } from "effect"
import { nodeFetch } from "./nodeFetch.ts"
import { patience } from "./patience.ts"
import { UsageError } from "./UsageError.ts"

/**
 * Signs in to Keystone with a cloud of `clouds.yaml`, or when it is undefined with what the `OS_*` variables say.
 *
 * What signs in is loaded only here: most runs of the program need nothing of it.
 */
export const signInToCloud = (
  cloud: string | undefined,
  env: NodeJS.ProcessEnv
): Effect.Effect<Session, UsageError | CatalogError> =>
  Effect.promise(() => import("@backup-catalog/client/keystone")).pipe(
    // As a variable, it lets the others choose the region, as with the OpenStack tools.
    Effect.flatMap(({ signInEffect }) =>
      signInEffect({ ...patience, fetch: nodeFetch }, { env: cloud === undefined ? env : { ...env, OS_CLOUD: cloud } })
    ),
    Effect.catchTag("InvalidOption", ({ message }) => new UsageError({ message }))
  )
