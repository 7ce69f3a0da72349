import { Option } from "effect"
import { type Backup, sizeInGigabytes } from "../Backup.ts"
import { formatInstant, type Instant } from "../Instant.ts"

// By the instant, not by what was written: many programs write a fraction of zero for a time that they read without
// one.
const isWholeSecond = (instant: Instant): boolean => instant % 1_000_000n === 0n

const instant = (before: Instant, next: Instant): Instant =>
  isWholeSecond(next) && formatInstant(before) === formatInstant(next) ? before : next

/**
 * A record that replaces another, with what the other holds more exactly than the wire: microseconds, and bytes.
 *
 * Whoever reads a record, changes its description and writes it back has not meant to move it in the order.
 */
export const keepPrecision = (before: Pick<Backup, "created" | "updated" | "size">, next: Backup): Backup => ({
  ...next,
  created: instant(before.created, next.created),
  updated: instant(before.updated, next.updated),
  size:
    Option.isSome(before.size) &&
    Option.isSome(next.size) &&
    next.size.value.unit === "gigabytes" &&
    sizeInGigabytes(before.size.value) === next.size.value.value
      ? before.size
      : next.size
})
