import type { InvalidOption } from "@backup-catalog/client"
import type { Session } from "@backup-catalog/client/keystone"
import type { CatalogError } from "@backup-catalog/core"
import { Effect } from "effect"
import { nodeFetch } from "../connection/nodeFetch.ts"
import { patience } from "../connection/patience.ts"
import { UsageError } from "../outcomes/UsageError.ts"

// What signs in is loaded only here: most runs of the program need nothing of it.
const keystone = Effect.promise(() => import("@backup-catalog/client/keystone"))

// As a variable, it lets the others choose the region, as with the OpenStack tools.
const chosenIn = (env: NodeJS.ProcessEnv, cloud: string) => ({ env: { ...env, OS_CLOUD: cloud } })

const asUsageError = ({ message }: InvalidOption): UsageError => new UsageError({ message })

/** Signs in to Keystone with a cloud of `clouds.yaml`, or when it is undefined with what the `OS_*` variables say. */
export const signInToCloud = (
  cloud: string | undefined,
  env: NodeJS.ProcessEnv
): Effect.Effect<Session, UsageError | CatalogError> =>
  keystone.pipe(
    Effect.flatMap(({ signInEffect }) =>
      signInEffect({ ...patience, fetch: nodeFetch }, cloud === undefined ? { env } : chosenIn(env, cloud))
    ),
    Effect.catchTag("InvalidOption", asUsageError)
  )

/** Looks whether a cloud of `clouds.yaml` says all that a sign-in needs, without asking anybody. */
export const checkCloud = (cloud: string, env: NodeJS.ProcessEnv): Effect.Effect<void, UsageError> =>
  keystone.pipe(
    Effect.flatMap(({ checkSignInEffect }) => checkSignInEffect(patience, chosenIn(env, cloud))),
    Effect.catchTag("InvalidOption", asUsageError)
  )
