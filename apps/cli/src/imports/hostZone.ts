import { Effect } from "effect"

/** A zone that TZ names, by itself or as a file; other forms of it are rules, which only the C library reads. */
const named = (zone: string): string | undefined =>
  /^:?(?:.*\/zoneinfo\/)?(?:(?:posix|right)\/)?([A-Za-z][^:]*)$/.exec(zone)?.[1]

/**
 * The zone of this host, which a tool that is run on it prints times in; undefined where that cannot be told. Node
 * takes what it does not understand, such as `TZ=CET-1CEST`, for UTC, and a tool does not.
 */
export const hostZone: Effect.Effect<string | undefined> = Effect.gen(function* () {
  const { isTimeZone } = yield* Effect.promise(() => import("@backup-catalog/sources"))
  const { TZ } = process.env
  if (TZ === "") return "UTC"
  const zone = TZ === undefined ? Intl.DateTimeFormat().resolvedOptions().timeZone : named(TZ)
  return zone !== undefined && isTimeZone(zone) ? zone : undefined
})
