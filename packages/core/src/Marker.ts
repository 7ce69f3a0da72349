import { Either, Encoding, Schema } from "effect"
import { BackupId } from "./Backup.ts"
import type { Position } from "./BackupOrder.ts"
import { Instant } from "./Instant.ts"

/**
 * Where a page starts: what the previous page's `next` carried, or the id of a backup (contract §1, pages).
 *
 * Opaque to callers. The catalog's own consist of unreserved URL characters, since existing clients put them back
 * into a URL unencoded.
 */
export const Marker = Schema.String.pipe(
  Schema.filter((text) => text.length >= 1 && text.length <= 2048, {
    message: () => "must have 1 to 2048 characters"
  }),
  Schema.brand("Marker"),
  Schema.annotations({ identifier: "Marker", jsonSchema: { type: "string", minLength: 1, maxLength: 2048 } })
)
export type Marker = typeof Marker.Type

const pattern = /^p1\.(-?\d{1,18})\.([A-Za-z0-9_-]+)$/
const isInstant = Schema.is(Instant)
const isBackupId = Schema.is(BackupId)

/** The marker of a position: `p1.`, the microseconds, `.`, the id in base64url. */
export const markerFromPosition = (position: Position): Marker =>
  `p1.${position.created}.${Encoding.encodeBase64Url(position.id)}` as Marker

/** The position that a marker of ours stands for; undefined for any other text, which may then be a backup's id. */
export const positionFromMarker = (marker: Marker): Position | undefined => {
  const match = pattern.exec(marker)
  if (match === null) return undefined
  const created = BigInt(match[1] ?? "")
  const id = Either.getOrUndefined(Encoding.decodeBase64UrlString(match[2] ?? ""))
  if (!isInstant(created) || !isBackupId(id)) return undefined
  const position = { created, id }
  // Anything that is not exactly what we wrote is somebody else's text.
  return markerFromPosition(position) === marker ? position : undefined
}
