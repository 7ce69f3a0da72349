import { BadRequest, InstanceId, type Marker } from "@backup-catalog/core"
import { Either, Encoding, Schema } from "effect"

const pattern = /^i1\.([A-Za-z0-9_-]+)$/
const decode = Schema.decodeUnknownEither(InstanceId)

/** The marker of an instance: `i1.` and its id in base64url, which clients may put into a URL as it is. */
export const markerOfInstance = (id: InstanceId): Marker => `i1.${Encoding.encodeBase64Url(id)}` as Marker

/** The instance that a marker stands for: one of ours, or the id of an instance itself. */
export const instanceOfMarker = (marker: Marker): Either.Either<InstanceId, BadRequest> => {
  const own = Encoding.decodeBase64UrlString(pattern.exec(marker)?.[1] ?? "")
  const id =
    Either.isRight(own) && own.right !== "" && Encoding.encodeBase64Url(own.right) === marker.slice(3)
      ? own.right
      : marker
  return Either.mapLeft(
    decode(id),
    () =>
      new BadRequest({
        message: "The query parameter marker must be what a next link carries, or the id of an instance."
      })
  )
}
