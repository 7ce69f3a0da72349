import type { Flags, Input } from "@backup-catalog/command-line"
import {
  type AccountId,
  CoverageCatalog,
  type CoverageEntry,
  coverageMetrics,
  MaxAge,
  type Verdict,
  verdicts
} from "@backup-catalog/core"
import { Effect, Either, Schema } from "effect"
import type { CatalogCommand } from "../commandLine/Command.ts"
import { datastoreOf, wordsOf } from "../commandLine/optionValues.ts"
import { type Output, type OwnForm, outputFlagsOf, readOutputOf } from "../commandLine/outputFlags.ts"
import { readInstanceId } from "../commandLine/readInstanceId.ts"
import { Finding } from "../outcomes/Finding.ts"
import { refuse, type UsageError } from "../outcomes/UsageError.ts"
import { tellRows } from "../output/tellRows.ts"
import { coverageOf, type Found, orJudgesNone, type Wanted } from "../reports/coverageOf.ts"
import { reportOf, withUncounted } from "../reports/coverageReport.ts"
import { type PluginAnswer, pluginAnswer, pluginUnknown } from "../reports/nagios.ts"
import { type CoverageRow, coverageShape, makeCoverageRow } from "../rows/CoverageRow.ts"
import { Account } from "../settings/Account.ts"
import { escapeText } from "../terminal/escapeText.ts"
import { Screen, tell } from "../terminal/Screen.ts"

const ownForms: ReadonlyArray<OwnForm> = [
  { name: "nagios", summary: "one line and the exit codes of monitoring plugins" },
  { name: "prometheus", summary: "metrics, for a textfile collector" }
]

const checkFlags: Flags<"max-age" | "instance" | "datastore" | "verdict" | "forget"> = {
  "max-age": {
    value: "AGE",
    help: "How old the newest usable backup may be: 90m, 26h, 7d. Default: what the policy of the account says."
  },
  instance: {
    value: "ID",
    repeatable: true,
    help: "Only this instance, or those that match a pattern with * and ?, as in 'db-*'."
  },
  datastore: {
    value: "TYPE",
    help: "Only instances whose newest backup is of this datastore, in any case: mysql, PostgreSQL."
  },
  verdict: {
    value: "VERDICT",
    repeatable: true,
    help: `Show only these, with commas for several, and judge by them alone. There are ${verdicts.join(" ")}.`,
    choices: verdicts
  },
  forget: {
    value: "ID",
    help: "Check nothing. Stop expecting backups of this instance, which must have none left."
  }
}

const flags = { ...checkFlags, ...outputFlagsOf(coverageShape, ownForms) }

type FlagName = keyof typeof flags

const isMaxAge = Schema.is(MaxAge)

const readWanted = (input: Input<FlagName>): Either.Either<Wanted, UsageError> =>
  Either.gen(function* () {
    const maxAge = input.value("max-age")
    if (maxAge !== undefined && !isMaxAge(maxAge)) {
      return yield* refuse(`The option --max-age takes a duration from 1m to 36500d, such as 26h or 7d, not ${maxAge}.`)
    }
    const datastore = yield* datastoreOf(input)
    const instances = yield* Either.all(input.values("instance").map((text) => readInstanceId(text, "--instance")))
    return { maxAge, datastore, instances }
  })

type OwnName = "nagios" | "prometheus"

const isOwn = (name: string | undefined): name is OwnName => ownForms.some((form) => form.name === name)

const readForm = (
  input: Input<FlagName>,
  screen: typeof Screen.Service
): Either.Either<OwnName | Output<CoverageRow>, UsageError> => {
  const name = input.value("output")
  if (!isOwn(name)) return readOutputOf(input, screen, coverageShape, ownForms)
  const other = (["column", "no-header"] as const).find((option) => input.given(option))
  return other === undefined
    ? Either.right(name)
    : refuse(`The option --${other} does not go with -o ${name}, which has a form of its own.`)
}

// By what is fresh alone nothing can be wrong, and monitoring would be told that all is well, whatever happens.
const refuseFreshAlone = (form: OwnName | Output<CoverageRow>, chosen: ReadonlyArray<Verdict>) =>
  form === "nagios" && chosen.length > 0 && chosen.every((verdict) => verdict === "fresh")
    ? refuse(
        "With -o nagios, --verdict fresh leaves out all that could be wrong; leave it out, or name other verdicts too."
      )
    : Either.void

const nothingFound = ({ instances, datastore }: Wanted): string => {
  const fitting = instances.length === 0 ? "" : ` that fits ${instances.join(" or ")}`
  if (datastore !== undefined) return `The account has no instance${fitting} whose newest backup is of ${datastore}.`
  return instances.length === 0
    ? "The account has no instance: the catalog never had a backup that names one."
    : `The account has no instance${fitting}.`
}

const isFresh = ({ verdict }: CoverageEntry): boolean => verdict === "fresh"

const forget = Effect.fnUntraced(function* (input: Input<FlagName>, text: string) {
  const others = Object.keys(flags).filter((name) => name !== "forget" && input.given(name as FlagName))
  if (others.length > 0) {
    return yield* refuse(`The option --forget goes with no other, such as --${others[0]}.`)
  }
  const instance = yield* readInstanceId(text, "--forget")
  const catalog = yield* CoverageCatalog
  const account = yield* Account
  yield* Effect.catchAll(catalog.forget(account, instance), orJudgesNone(account))
  yield* tell(`forgotten ${escapeText(instance)}\n`)
})

/** What was found, and what of it is judged. */
interface Asked {
  readonly found: Found
  readonly coverage: ReadonlyArray<CoverageEntry>
  /** The verdicts that are judged alone; all where there are none. */
  readonly chosen: ReadonlyArray<Verdict>
  /** That there is no instance at all. */
  readonly empty: string | undefined
}

const noneOf = (chosen: ReadonlyArray<Verdict>): string => `No instance is ${chosen.join(" or ")}.`

// Whoever asks for what is fresh is not to take nothing at all for healthy.
const lacksFresh = ({ coverage, chosen }: Asked): boolean => coverage.length === 0 && chosen.includes("fresh")

/** What is not as it should be, in sentences; undefined where all is. */
const wrongIn = (asked: Asked): string | undefined => {
  const { found, coverage, chosen, empty } = asked
  if (empty !== undefined) return empty
  return found.unknown.length > 0 || lacksFresh(asked) || !coverage.every(isFresh)
    ? reportOf({ ...found, coverage }) || noneOf(chosen)
    : undefined
}

const pluginAnswerOf = (asked: Asked): PluginAnswer => {
  const { found, chosen, empty } = asked
  const known = found.unknown.length === 0
  // Of another datastore there may be good backups of them.
  const nothing = known || found.datastore !== undefined ? empty : undefined
  const unclear = nothing ?? (known && lacksFresh(asked) ? noneOf(chosen) : undefined)
  return unclear === undefined
    ? pluginAnswer(found, noneOf(chosen), chosen.length === 0 ? undefined : chosen)
    : pluginUnknown(withUncounted(unclear, found.withoutInstance))
}

const answerPrometheus = Effect.fnUntraced(function* ({ found, coverage, empty }: Asked, account: AccountId) {
  const { unknown, withoutInstance } = found
  if (empty !== undefined) return yield* new Finding({ code: 1, message: withUncounted(empty, withoutInstance) })
  yield* tell(coverageMetrics([{ account, coverage, withoutInstance }]))
  if (unknown.length > 0) return yield* new Finding({ code: 1, message: reportOf({ ...found, coverage: [] }) })
})

const answerPlugin = Effect.fnUntraced(function* ({ line, code }: PluginAnswer) {
  yield* tell(line)
  if (code !== 0) return yield* new Finding({ code })
})

const tellCoverage = ({ format, options }: Output<CoverageRow>, coverage: ReadonlyArray<CoverageEntry>) =>
  tellRows(format.list(options), coverage.map(makeCoverageRow))

/** `backups check`: whether every instance has a good recent backup, for people, scripts and monitoring. */
export const check: CatalogCommand<FlagName> = {
  kind: "catalog",
  name: "check",
  summary: "Check that every instance has a good recent backup.",
  details:
    "Exit code 0 if all instances shown are fresh. 1 if one is not, if there are none, or if --verdict " +
    "fresh finds none. 2 to 6 if it cannot be found out. With -o nagios, the exit codes of monitoring " +
    "plugins. Backups that name no instance are not checked: a note says how many there are, and the exit " +
    "code stays the same.",
  flags,
  searches: (input) => !input.given("forget"),
  examples: [
    ["backups check", "Every instance, with why."],
    [
      "backups check --verdict stale,never,broken-chain -o value -c instance_id",
      "What is not backed up, for a script."
    ],
    ["backups check --instance 'shop-*' --max-age 90m", "The instances of a shop, by an age of your own."],
    ["backups check -o nagios", "For Nagios, Icinga and the like."],
    [
      "backups check -o prometheus > backups.prom.new && mv backups.prom.new backups.prom",
      "For the textfile collector of Prometheus. The exit code is 0 once all is written, whatever the verdicts are."
    ],
    ["backups check --forget shop-3", "It is gone for good: do not report it any more."]
  ],
  run: Effect.fnUntraced(function* (input) {
    const forgotten = input.value("forget")
    if (forgotten !== undefined) return yield* forget(input, forgotten)
    const screen = yield* Screen
    const account = yield* Account
    const wanted = yield* readWanted(input)
    const chosen = yield* wordsOf("verdict", verdicts, input.values("verdict"), (text) => text.toLowerCase())
    const form = yield* readForm(input, screen)
    yield* refuseFreshAlone(form, chosen)

    const found = yield* coverageOf(account, wanted)
    const asked: Asked = {
      found,
      coverage: found.coverage.filter(({ verdict }) => chosen.length === 0 || chosen.includes(verdict)),
      chosen,
      empty: found.coverage.length === 0 ? nothingFound(wanted) : undefined
    }
    if (form === "nagios") return yield* answerPlugin(pluginAnswerOf(asked))
    if (form === "prometheus") return yield* answerPrometheus(asked, account)
    yield* tellCoverage(form, asked.coverage)
    const wrong = wrongIn(asked)
    if (wrong !== undefined) {
      return yield* new Finding({ code: 1, message: withUncounted(wrong, found.withoutInstance) })
    }
    const closing = withUncounted(
      asked.coverage.length === 0 && form.format.forPeople ? noneOf(chosen) : "",
      found.withoutInstance
    )
    if (closing !== "") yield* screen.note(closing)
  })
}
