import type { Instant } from "@backup-catalog/core"

const timeBased = /^([0-9a-f]{8})-([0-9a-f]{4})-1([0-9a-f]{3})-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

// From the first day of the Gregorian calendar, 1582-10-15, to 1970, in steps of 100 ns.
const GREGORIAN = 0x01b2_1dd2_1381_4000n

/** When a UUID of version 1 was made, which the server does as a backup ends; undefined for every other one. */
export const uuidTime = (uuid: string): Instant | undefined => {
  const [, low, middle, high] = timeBased.exec(uuid) ?? []
  if (low === undefined) return undefined
  return ((BigInt(`0x${high}${middle}${low}`) - GREGORIAN) / 10n) as Instant
}
