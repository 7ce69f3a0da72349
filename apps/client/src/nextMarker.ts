import { Marker } from "@backup-catalog/core"
import type { ListAnswer } from "@backup-catalog/core/http"
import { Either, Option, Schema } from "effect"

const decodeMarker = Schema.decodeUnknownOption(Marker)

/**
 * The marker of a list answer's `next` link; undefined when there is no such link, and a sentence when it is no use.
 *
 * Of the link only its `marker` counts: whatever origin and path it names, the next request goes to the configured
 * ones. `requested` is the address of the list, against which a relative link is read.
 */
export const nextMarker = (
  links: ListAnswer["links"] = [],
  requested: string
): Either.Either<Marker | undefined, string> => {
  const index = links.findIndex(({ rel }) => rel === "next")
  const link = links[index]
  if (link === undefined) return Either.right(undefined)
  const url = Option.liftThrowable(() => new URL(link.href, requested))()
  if (Option.isNone(url)) return Either.left(`links[${index}].href must be a URL`)
  const markers = url.value.searchParams.getAll("marker")
  const marker = markers.length === 1 ? decodeMarker(markers[0]) : Option.none()
  return Option.isNone(marker)
    ? Either.left(`links[${index}].href must have one marker, of 1 to 2048 characters`)
    : Either.right(marker.value)
}
