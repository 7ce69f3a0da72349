import { TimedOut, type Verdict, verdicts } from "@backup-catalog/core"
import { Effect } from "effect"
import { escapeText } from "../terminal/escapeText.ts"
import { type Screen, tell } from "../terminal/Screen.ts"
import type { Found } from "./coverageOf.ts"
import { reportOf, withUncounted } from "./coverageReport.ts"

/** What a plugin says of what it looked at, by the guidelines of the monitoring plugins; the place is the exit code. */
const states = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const

/** The exit code of a state of a plugin. */
export type PluginCode = 0 | 1 | 2 | 3

const codes: Readonly<Record<Verdict, PluginCode>> = {
  fresh: 0,
  suspect: 1,
  stale: 1,
  never: 2,
  "broken-chain": 2
}

// What stands behind a | is data to the monitoring.
const safe = (text: string): string => escapeText(text).replaceAll("|", "\\u007c")

const line = (code: PluginCode, text: string, data = ""): string =>
  `BACKUPS ${states[code]} - ${safe(text)}${data === "" ? "" : `|${data}`}\n`

/** What monitoring is told of some instances: the line, and the exit code, which is that of the worst. */
export interface PluginAnswer {
  readonly line: string
  readonly code: PluginCode
}

const dataOf = ({ coverage, withoutInstance }: Found, judged: ReadonlyArray<Verdict>): string =>
  [
    ...judged
      .map((verdict) => [verdict, coverage.filter((entry) => entry.verdict === verdict).length] as const)
      .map(([verdict, count]) => `${verdict}=${count};;;0;${coverage.length}`),
    ...(withoutInstance === undefined ? [] : [`without_instance=${withoutInstance};;;0`])
  ].join(" ")

/**
 * What monitoring is told of the instances that were found and have one of the verdicts that are judged, and of those
 * that were asked for and are not there; `nothing` is what is said when there are neither.
 */
export const pluginAnswer = (
  found: Found,
  nothing: string,
  judged: ReadonlyArray<Verdict> = verdicts
): PluginAnswer => {
  const { unknown, withoutInstance } = found
  const coverage = found.coverage.filter(({ verdict }) => judged.includes(verdict))
  const worst = coverage.reduce<number>(
    (code, { verdict }) => Math.max(code, codes[verdict]),
    unknown.length > 0 ? 2 : 0
  ) as PluginCode
  const text = withUncounted(reportOf({ ...found, coverage }) || nothing, withoutInstance)
  return { code: worst, line: line(worst, text, dataOf(found, judged)) }
}

/** What monitoring is told when there is nothing to say it of. */
export const pluginUnknown = (why: string): PluginAnswer => ({ code: 3, line: line(3, why) })

// Also what other programs call it.
const outputOption = /^--?(?:o[a-z]*|f|format)$/i
const outputWithName = /^(?:-o|--?(?:o[a-z]*|f|format)[\s=:]+)[\s=:"']*nag/i
const name = /^[\s=:"']*nag/i
const nameAlone = /^[\s=:"']*nag[a-z]*$/i
const nameAsOption = /^--?nag[a-z]*$/i

const saysNagios = (arg: string, before: string): boolean => {
  if (outputWithName.test(arg) || nameAsOption.test(arg)) return true
  // Behind another option it is the value of that, and an instance may be called so.
  return outputOption.test(before) ? name.test(arg) : nameAlone.test(arg) && !before.startsWith("-")
}

/**
 * Whether a command line asks for an answer to monitoring, also one that is wrong in another place or misspells that;
 * `isOther` says that it begins with a command that has no such answer.
 */
export const asksForNagios = (args: ReadonlyArray<string>, isOther: boolean): boolean =>
  (!isOther || args.includes("check")) && args.some((arg, index) => saysNagios(arg, args[index - 1] ?? ""))

// Monitoring gives a plugin a minute where it is told to, and ends it then without a word.
const DEADLINE_MS = 45_000

/** Ends what is not done 45 seconds after the start of the program; `late` says what it then still waited for. */
export const inTime =
  (late: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | TimedOut, R> =>
    Effect.timeoutFail(effect, {
      duration: Math.max(0, DEADLINE_MS - performance.now()),
      onTimeout: () => new TimedOut({ message: `Nothing was found out within ${DEADLINE_MS / 1000} seconds: ${late}.` })
    })

/** Says that nothing could be found out, and why; gives the exit code for that. */
export const sayUnknown = (why = "Nobody takes what is written."): Effect.Effect<PluginCode, never, Screen> => {
  const { code, line: said } = pluginUnknown(why.replace(/^backups: /, ""))
  return Effect.as(Effect.ignore(tell(said)), code)
}
