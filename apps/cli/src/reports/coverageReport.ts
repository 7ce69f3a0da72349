import { type CoverageEntry, MAX_WITHOUT_INSTANCE, type Verdict, verdicts } from "@backup-catalog/core"
import { counted } from "../output/counted.ts"
import type { Found } from "./coverageOf.ts"

/** How many instances a sentence names. */
const NAMED = 5

const severity = (verdict: Verdict): number => verdicts.indexOf(verdict)

const someOf = (names: ReadonlyArray<string>): string => {
  const more = names.length - NAMED
  return `${names.slice(0, NAMED).join(", ")}${more > 0 ? `, and ${more} more` : ""}`
}

const describeCoverage = (coverage: ReadonlyArray<CoverageEntry>): string => {
  const others = coverage.filter(({ verdict }) => verdict !== "fresh")
  if (others.length === 0) return `${counted(coverage.length, "instance is", "instances are")} fresh.`
  const worstFirst = others.toSorted((one, other) => severity(other.verdict) - severity(one.verdict))
  const [only] = others
  const names = someOf(worstFirst.map(({ instanceId, verdict }) => `${instanceId} ${verdict}`))
  const why = others.length === 1 && only !== undefined ? ` ${only.reason}` : ""
  return `${others.length} of ${counted(coverage.length, "instance", "instances")} ${others.length === 1 ? "is" : "are"} not fresh: ${names}.${why}`
}

const describeUnknown = (unknown: ReadonlyArray<string>, datastore: string | undefined): string =>
  datastore === undefined
    ? `The catalog never had a backup of ${someOf(unknown)}.`
    : `The catalog has no instance ${someOf(unknown)} whose newest backup is of ${datastore}.`

/** What was found of some instances, in sentences. */
export const reportOf = ({ coverage, unknown, datastore }: Omit<Found, "withoutInstance">): string =>
  [
    ...(unknown.length === 0 ? [] : [describeUnknown(unknown, datastore)]),
    ...(coverage.length === 0 ? [] : [describeCoverage(coverage)])
  ].join(" ")

const uncountedOf = (withoutInstance: number): string => {
  if (withoutInstance === 1) return "1 backup names no instance, so it is not checked."
  const more = withoutInstance < MAX_WITHOUT_INSTANCE ? "" : " or more"
  return `${withoutInstance}${more} backups name no instance, so they are not checked.`
}

/** Some sentences, which may be none, and how many backups name no instance, where there are any and it is known. */
export const withUncounted = (report: string, withoutInstance = 0): string =>
  [report, withoutInstance === 0 ? "" : uncountedOf(withoutInstance)].filter((text) => text !== "").join(" ")
