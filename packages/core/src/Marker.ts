import { Schema } from "effect"
import { AccountId, BackupId, InstanceId } from "./Backup.ts"
import type { Position, PositionAcross } from "./BackupOrder.ts"
import { decodeBase64Url, encodeBase64Url } from "./base64Url.ts"
import { Instant } from "./Instant.ts"
import { Text } from "./Text.ts"

/** How long a marker may be, in characters. */
export const MAX_MARKER_LENGTH = 2048

/**
 * Where a page starts: what the previous page's `next` carried, or the id of a backup (docs/api.md, Pages).
 *
 * Opaque to callers. The catalog's own consist of unreserved URL characters, since existing clients put them back
 * into a URL unencoded.
 */
export const Marker = Text.pipe(
  Schema.filter((text) => text.length >= 1 && text.length <= MAX_MARKER_LENGTH, {
    message: () => `must have 1 to ${MAX_MARKER_LENGTH} characters`
  }),
  Schema.brand("Marker"),
  Schema.annotations({
    identifier: "Marker",
    jsonSchema: { type: "string", minLength: 1, maxLength: MAX_MARKER_LENGTH }
  })
)
export type Marker = typeof Marker.Type

const pattern = /^p1\.(-?\d{1,18})\.([A-Za-z0-9_-]+)$/
const acrossPattern = /^p2\.(-?\d{1,18})\.([A-Za-z0-9_-]+)\.(.+)$/
const instancePattern = /^i1\.([A-Za-z0-9_-]+)$/
const isInstant = Schema.is(Instant)
const isBackupId = Schema.is(BackupId)
const isAccountId = Schema.is(AccountId)
const isInstanceId = Schema.is(InstanceId)

/** The marker of a position: `p1.`, the microseconds, `.`, the id in base64url. */
export const markerFromPosition = (position: Position): Marker =>
  `p1.${position.created}.${encodeBase64Url(position.id)}` as Marker

/** The marker of a position in a list that spans accounts: as above with `p2.`, then `.` and the account. */
export const markerFromPositionAcross = (position: PositionAcross): Marker =>
  `p2.${position.created}.${encodeBase64Url(position.id)}.${position.account}` as Marker

const readPosition = (match: RegExpExecArray | null): Position | undefined => {
  if (match === null) return undefined
  const created = BigInt(match[1] ?? "")
  const id = decodeBase64Url(match[2] ?? "")
  return isInstant(created) && isBackupId(id) ? { created, id } : undefined
}

/** The position that a marker of ours stands for; undefined for any other text, which may then be a backup's id. */
export const positionFromMarker = (marker: Marker): Position | undefined => {
  const position = readPosition(pattern.exec(marker))
  // Anything that is not exactly what we wrote is somebody else's text.
  return position !== undefined && markerFromPosition(position) === marker ? position : undefined
}

/** The backup that a marker would be the id of; undefined for a text that no backup can have as its id. */
export const backupIdFromMarker = (marker: Marker): BackupId | undefined => (isBackupId(marker) ? marker : undefined)

/** The position that a marker of ours stands for in a list that spans accounts; undefined for any other text. */
export const positionAcrossFromMarker = (marker: Marker): PositionAcross | undefined => {
  const match = acrossPattern.exec(marker)
  const position = readPosition(match)
  const account = match?.[3]
  if (position === undefined || !isAccountId(account)) return undefined
  const across = { ...position, account }
  return markerFromPositionAcross(across) === marker ? across : undefined
}

/** The marker of an instance in the list of instances: `i1.` and its id in base64url. */
export const markerFromInstance = (id: InstanceId): Marker => `i1.${encodeBase64Url(id)}` as Marker

/** The instance that a marker of ours stands for; undefined for any other text, which may then be an instance's id. */
export const instanceFromMarker = (marker: Marker): InstanceId | undefined => {
  const id = decodeBase64Url(instancePattern.exec(marker)?.[1] ?? "")
  return isInstanceId(id) && markerFromInstance(id) === marker ? id : undefined
}

/** The instance that a marker would be the id of; undefined for a text that no instance can have as its id. */
export const instanceIdFromMarker = (marker: Marker): InstanceId | undefined =>
  isInstanceId(marker) ? marker : undefined

const numbered = (kind: "h1" | "m1") => {
  const pattern = new RegExp(`^${kind}\\.(\\d{1,18})$`)
  return {
    write: (number: bigint): Marker => `${kind}.${number}` as Marker,
    read: (marker: Marker): bigint | undefined => {
      const number = pattern.exec(marker)?.[1]
      return number === undefined ? undefined : BigInt(number)
    }
  }
}

/**
 * The marker of a place in the history of a backup, `h1.` and a number of the store's own; and back, for a marker of
 * ours.
 */
export const { write: markerFromEvent, read: eventFromMarker } = numbered("h1")

/** The same of a place among the imports of an account, `m1.` and a number. */
export const { write: markerFromImport, read: importFromMarker } = numbered("m1")
