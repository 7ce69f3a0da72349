import { Option, Schema } from "effect"
import { BackupId, BackupStatus, Datastore, InstanceId } from "./Backup.ts"
import { formatInstant, type Instant, InstantFromWire, instantFromMillis } from "./Instant.ts"
import type { Marker } from "./Marker.ts"
import { nullIfNone } from "./nullIfNone.ts"
import { MaxAge, maxAgeMillis } from "./Policy.ts"

/**
 * What can be said of the backups of an instance.
 *
 * - `fresh`: its newest usable backup is as young as the policy wants it.
 * - `suspect`: so it is, but its tool found something wrong with it, or it is dated in the future.
 * - `stale`: it is too old, or there was one and it is gone.
 * - `broken-chain`: it is too old or there is none, and a younger one ended well but lacks one that it is incremental
 *   to.
 * - `never`: no usable backup was ever seen.
 */
export const verdicts = ["fresh", "suspect", "stale", "never", "broken-chain"] as const

/** What can be said of the backups of an instance. */
export const Verdict = Schema.Literal(...verdicts).annotations({
  identifier: "Verdict",
  message: () => ({ message: `must be one of ${verdicts.join(" ")}`, override: true })
})
export type Verdict = typeof Verdict.Type

/** How far ahead of the server's clock the start of a backup may be, in milliseconds. */
export const CLOCK_SKEW = 300_000

const BackupGlance = Schema.Struct({
  id: BackupId,
  name: Schema.String,
  status: BackupStatus,
  created: InstantFromWire
}).annotations({ identifier: "BackupGlance" })

/** One backup, as far as coverage tells of it. */
export type BackupGlance = typeof BackupGlance.Type

/** A backup that ended well, and the first link of its chain, from it upwards, that is not good. */
export interface BrokenChain {
  readonly backup: BackupGlance
  readonly link: string
  /** That it is not there, that it builds on itself, or its status, which is not `COMPLETED`. */
  readonly problem: "missing" | "cycle" | BackupStatus
  /** What the tool itself calls the link, where it is missing and the source said it. */
  readonly nativeLink: Option.Option<string>
}

/**
 * What a store knows of the backups of an instance. A usable backup is `COMPLETED`, and so is all that it descends
 * from.
 */
export interface InstanceFacts {
  readonly instanceId: InstanceId
  readonly datastore: Option.Option<Datastore>
  readonly newest: Option.Option<BackupGlance>
  readonly newestUsable: Option.Option<BackupGlance>
  /** Why the newest usable backup may not be good. */
  readonly suspect: Option.Option<string>
  /** The newest one with a broken chain that is newer than the newest usable one. */
  readonly broken: Option.Option<BrokenChain>
  /** Backups that failed and are newer than the newest usable one. */
  readonly failuresSince: number
  /** When it last lost a backup that had ended well: retired, deleted, or changed to another status or instance. */
  readonly lastGone: Option.Option<Instant>
}

/** What the catalog says of the backups of one instance: a verdict, and what it rests on. Ages are seconds. */
export const CoverageEntry = Schema.Struct({
  instanceId: InstanceId.pipe(Schema.propertySignature, Schema.fromKey("instance_id")),
  datastore: Schema.optionalWith(Datastore, nullIfNone),
  verdict: Verdict,
  /** One sentence for a person. */
  reason: Schema.String,
  maxAge: MaxAge.pipe(Schema.propertySignature, Schema.fromKey("max_age")),
  age: Schema.optionalWith(Schema.Int, nullIfNone),
  newestUsable: Schema.optionalWith(BackupGlance, nullIfNone).pipe(Schema.fromKey("newest_usable")),
  newest: Schema.optionalWith(BackupGlance, nullIfNone),
  failuresSince: Schema.Int.pipe(Schema.propertySignature, Schema.fromKey("failures_since"))
}).annotations({ identifier: "CoverageEntry" })
export type CoverageEntry = typeof CoverageEntry.Type

/** How many backups that name no instance are counted at most: so many are so many or more. */
export const MAX_WITHOUT_INSTANCE = 1000

/** One page of the coverage of an account, by instance id ascending; `next` is there only when more may follow. */
export interface CoveragePage {
  readonly coverage: ReadonlyArray<CoverageEntry>
  /**
   * How many backups of the account name no instance, and so are in no verdict, whatever was asked for; at
   * most `MAX_WITHOUT_INSTANCE` are counted. Absent where the server does not say it.
   */
  readonly withoutInstance?: number
  readonly next?: Marker
}

const zoned = (instant: Instant): string => `${formatInstant(instant)}Z`

const describeProblem = (problem: BrokenChain["problem"]): string => {
  if (problem === "missing") return "is missing"
  return problem === "cycle" ? "builds on itself" : `is not COMPLETED but ${problem}`
}

const brokenReason = ({ backup, link, nativeLink, problem }: BrokenChain): string =>
  `Its backup ${backup.name} of ${zoned(backup.created)} cannot be restored: ${Option.match(nativeLink, {
    onNone: () => link,
    onSome: (native) => `${native} (${link})`
  })}, which it builds on, ${describeProblem(problem)}.`

const ofDatastore = Option.match({ onNone: () => "", onSome: ({ type }: Datastore) => `${type} ` })

type Judged = Pick<CoverageEntry, "verdict" | "reason">

const withoutUsable = ({ broken, lastGone, datastore }: InstanceFacts): Judged => {
  if (Option.isSome(broken)) return { verdict: "broken-chain", reason: brokenReason(broken.value) }
  return Option.match(lastGone, {
    onNone: () => ({
      verdict: "never",
      reason: `The catalog never had a usable ${ofDatastore(datastore)}backup of it.`
    }),
    onSome: (gone) => ({
      verdict: "stale",
      reason: `It has no usable backup any more; it lost the last one at ${zoned(gone)}.`
    })
  })
}

const nameOf = ({ name, created }: BackupGlance): string => `${name} of ${zoned(created)}`

const tooOld = (usable: BackupGlance, maxAge: MaxAge): Judged => ({
  verdict: "stale",
  reason: `Its newest usable backup, ${nameOf(usable)}, is older than ${maxAge}.`
})

const youngEnough = (usable: BackupGlance): Judged => ({
  verdict: "fresh",
  reason: `Its newest usable backup is ${nameOf(usable)}.`
})

/** Why a backup may not be good, where that is because of one that it builds on. */
export const suspectLink = (link: BackupId, why: string): string => `${link}, which it builds on: ${why}`

const doubtful = (usable: BackupGlance, why: string): Judged => ({
  verdict: "suspect",
  reason: `Its newest usable backup, ${nameOf(usable)}, may not be good: ${why}.`
})

const judged = (facts: InstanceFacts, usable: BackupGlance, maxAge: MaxAge, now: number): Judged => {
  const age = instantFromMillis(now) - usable.created
  if (age > BigInt(maxAgeMillis(maxAge)) * 1000n) {
    return Option.match(facts.broken, {
      onNone: () => tooOld(usable, maxAge),
      onSome: (broken) => ({ verdict: "broken-chain", reason: brokenReason(broken) })
    })
  }
  if (age < BigInt(-CLOCK_SKEW) * 1000n) {
    return { verdict: "suspect", reason: `Its newest usable backup, ${nameOf(usable)}, is dated in the future.` }
  }
  return Option.match(facts.suspect, {
    onNone: () => youngEnough(usable),
    onSome: (why) => doubtful(usable, why)
  })
}

/**
 * The verdict on an instance at a time, in milliseconds since 1970.
 *
 * The age of a backup counts from its start: what came into the database after that is surely not in it.
 */
export const judge = (facts: InstanceFacts, maxAge: MaxAge, now: number): CoverageEntry => {
  const { instanceId, datastore, newest, newestUsable, failuresSince } = facts
  return {
    instanceId,
    datastore,
    ...Option.match(newestUsable, {
      onNone: () => withoutUsable(facts),
      onSome: (usable) => judged(facts, usable, maxAge, now)
    }),
    maxAge,
    age: Option.map(newestUsable, ({ created }) => Number((instantFromMillis(now) - created) / 1_000_000n)),
    newestUsable,
    newest,
    failuresSince
  }
}
