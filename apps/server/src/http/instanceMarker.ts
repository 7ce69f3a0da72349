import { BadRequest, InstanceId, type Marker } from "@backup-catalog/core"
import { Either, Encoding, Schema } from "effect"

const pattern = /^i1\.([A-Za-z0-9_-]+)$/
const isInstanceId = Schema.is(InstanceId)

/** The marker of an instance: `i1.` and its id in base64url, which clients may put into a URL as it is. */
export const markerOfInstance = (id: InstanceId): Marker => `i1.${Encoding.encodeBase64Url(id)}` as Marker

/**
 * The instance that a marker stands for: exactly what `markerOfInstance` writes, or the id of an instance, which must
 * exist to be one.
 */
export const instanceOfMarker = (
  marker: Marker
): { readonly id: InstanceId; readonly mustExist: boolean } | undefined => {
  const own = Either.getOrUndefined(Encoding.decodeBase64UrlString(pattern.exec(marker)?.[1] ?? ""))
  if (isInstanceId(own) && markerOfInstance(own) === marker) return { id: own, mustExist: false }
  return isInstanceId(marker) ? { id: marker, mustExist: true } : undefined
}

/** What a caller is told whose marker is neither. */
export const unknownInstanceMarker = new BadRequest({
  message: "The query parameter marker must be what a next link carries, or the id of an instance of the account."
})
