import { classOf } from "./readMembers.ts"

// One of another realm, such as a frame or a test, is no instance of the Date here.
const isDate = (value: unknown): value is Date => classOf(value) === "Date"

/** A time as text where it is a Date, and everything else, an invalid Date too, as it is. */
export const timeText = (value: unknown): unknown =>
  isDate(value) && !Number.isNaN(value.getTime()) ? value.toISOString() : value
