import { Effect } from "effect"
import type { InstanceId } from "../Backup.ts"
import { BadRequest } from "../Fault.ts"
import { instanceFromMarker, instanceIdFromMarker, type Marker } from "../Marker.ts"
import type { StoreUnavailable } from "./BackupStore.ts"

const unknownMarker = new BadRequest({
  message: "The query parameter marker must be what a next link carries, or the id of an instance of the account."
})

/** The instance that a marker stands for: one of ours, or the id of one that the account has by `isOfAccount`. */
export const resolveInstance = (
  marker: Marker,
  isOfAccount: (id: InstanceId) => Effect.Effect<boolean, StoreUnavailable>
): Effect.Effect<InstanceId, BadRequest | StoreUnavailable> => {
  const instance = instanceFromMarker(marker)
  if (instance !== undefined) return Effect.succeed(instance)
  const id = instanceIdFromMarker(marker)
  if (id === undefined) return unknownMarker
  return Effect.flatMap(isOfAccount(id), (known) => (known ? Effect.succeed(id) : unknownMarker))
}
