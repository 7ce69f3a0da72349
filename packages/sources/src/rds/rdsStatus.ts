import type { BackupStatus, Instant } from "@backup-catalog/core"
import { shownText } from "../records/recordText.ts"
import type { Usable } from "./RdsSnapshot.ts"

/** The status of a record, and what is to be said of it. */
export interface Status {
  readonly status: BackupStatus
  readonly remark?: string
  /** Why it should not be relied on although it is finished. */
  readonly suspect?: string
  readonly problem?: string
}

const statuses: ReadonlyMap<string, Status> = new Map<string, Status>([
  ["available", { status: "COMPLETED" }],
  // By Amazon's guide, once the version of its engine was upgraded.
  ["active", { status: "COMPLETED" }],
  [
    "upgrading",
    {
      status: "COMPLETED",
      remark: "is being upgraded",
      suspect: "Amazon RDS is upgrading it, and does not restore it meanwhile"
    }
  ],
  ["creating", { status: "BUILDING" }],
  ["copying", { status: "SAVING" }],
  ["deleting", { status: "COMPLETED", remark: "is being deleted", suspect: "Amazon RDS is deleting it" }],
  ["failed", { status: "FAILED", remark: "Amazon RDS says failed" }],
  // One that was found damaged when it was upgraded.
  ["unavailable", { status: "FAILED", remark: "Amazon RDS says unavailable" }]
])

const finished: ReadonlySet<string | undefined> = new Set(["available", "active"])

/** The times at which each instance finished a snapshot last. */
export const lastFinished = (snapshots: ReadonlyArray<Usable>): ReadonlyMap<string, Instant> => {
  const last = new Map<string, Instant>()
  for (const { instance, created, common } of snapshots) {
    if (instance === undefined || !finished.has(common.Status?.toLowerCase())) continue
    if (created > (last.get(instance) ?? created - 1n)) last.set(instance, created)
  }
  return last
}

/** The status of a snapshot: an unknown one is a failure, and so is a snapshot that a later one has overtaken. */
export const statusOf = ({ common, instance, created, isCopy }: Usable, last: ReadonlyMap<string, Instant>): Status => {
  const text = common.Status
  if (!text) {
    return { status: "FAILED", remark: "no status", problem: "has no status and was imported as failed" }
  }
  const known = statuses.get(text.toLowerCase())
  if (known === undefined) {
    const shown = shownText(text)
    return {
      status: "FAILED",
      remark: `Amazon RDS says ${shown}`,
      problem: `has the unknown status ${shown} and was imported as failed`
    }
  }
  // A copy is as old as its original, however late it is made.
  if (known.status !== "BUILDING" || isCopy) return known
  const isDead = instance !== undefined && created < (last.get(instance) ?? created)
  return isDead
    ? { status: "FAILED", remark: "still creating, though a later one of its instance is available" }
    : known
}
