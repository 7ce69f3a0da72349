import { Effect } from "effect"
import { foldDatastore, wellKnownDatastores } from "../BackupFilter.ts"
import { ItemNotFound } from "../Fault.ts"
import type { StoreUnavailable } from "./BackupStore.ts"

/** Whether a datastore is one that everybody knows, whatever is in a store. */
export const isWellKnown = (type: string): boolean => wellKnownDatastores.has(foldDatastore(type))

/**
 * Fails for a datastore that is neither well-known nor in the store: a typo must not read as "no backups" (docs/api.md,
 * Filters).
 *
 * Not while a walk is under way: it began with a datastore that was there, and its backups may be deleted meanwhile.
 */
export const mustBeDatastore = (
  type: string | undefined,
  isUnderWay: () => boolean,
  has: (type: string) => Effect.Effect<boolean, StoreUnavailable>,
  whose: string
): Effect.Effect<void, ItemNotFound | StoreUnavailable> =>
  type === undefined || isWellKnown(type) || isUnderWay()
    ? Effect.void
    : Effect.flatMap(has(type), (known) =>
        known
          ? Effect.void
          : new ItemNotFound({
              message: `The datastore ${type} is neither a known one nor one that ${whose} a backup of.`
            })
      )
