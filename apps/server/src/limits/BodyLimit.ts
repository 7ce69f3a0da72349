import { Context, Layer } from "effect"

/** How many bodies of the largest size may be held at a time, all requests together. */
const BODIES = 64

/** How large the body of a request may be, and how many bytes of all of them are held. */
export class BodyLimit extends Context.Tag("@backup-catalog/server/BodyLimit")<
  BodyLimit,
  {
    /** In bytes. */
    readonly max: number
    /** Counts bytes that are held from now on; false, and nothing is counted, when there would be too many. */
    readonly hold: (bytes: number) => boolean
    /** Counts bytes that are let go. */
    readonly release: (bytes: number) => void
  }
>() {}

/** Bodies of at most `max` bytes, and of all requests together at most 64 times as many. */
export const layer = (max: number): Layer.Layer<BodyLimit> =>
  Layer.sync(BodyLimit, () => {
    let held = 0
    return {
      max,
      hold: (bytes) => {
        if (held + bytes > max * BODIES) return false
        held += bytes
        return true
      },
      release: (bytes) => {
        held -= bytes
      }
    }
  })
