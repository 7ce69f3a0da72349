import type { Input } from "@backup-catalog/command-line"
import type { CatalogError } from "@backup-catalog/core"
import { Effect } from "effect"
import { millisWithin } from "../commandLine/millisWithin.ts"
import type { CommandError } from "../outcomes/CommandError.ts"
import { PartlyDone } from "../outcomes/PartlyDone.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import { counted } from "../output/counted.ts"
import type { Keyboard } from "../reading/Keyboard.ts"
import { formatAge } from "../rows/Age.ts"
import { readSettings } from "../settings/Settings.ts"
import { escapeText } from "../terminal/escapeText.ts"
import { type OutputFailed, Screen, tell } from "../terminal/Screen.ts"
import { unlessSignalled } from "../terminal/signals.ts"
import { checkSources } from "./checkSources.ts"
import { configPath, type FoundConfig, readConfig } from "./readConfig.ts"
import { rounds } from "./rounds.ts"
import { roundTable } from "./roundTable.ts"
import type { SyncFlagName } from "./syncFlags.ts"
import { type Running, type SourceEnd, syncRound } from "./syncRound.ts"
import { syncSchema } from "./syncSchema.ts"

type SyncInput = Input<SyncFlagName>

const MIN_EVERY_MS = 10_000
const MAX_EVERY_MS = 86_400_000

const readEvery = (text: string): Effect.Effect<number, UsageError> => {
  const millis = millisWithin(text, MIN_EVERY_MS, MAX_EVERY_MS)
  return millis === undefined
    ? new UsageError({ message: `The option --every takes 10s to 1d, as in 30s, 5m or 6h, not ${text}.` })
    : Effect.succeed(millis)
}

/** Fails where not all of all sources was imported. */
const refuseLeft = (ends: ReadonlyArray<SourceEnd>): Effect.Effect<void, PartlyDone> => {
  const left = ends.filter(({ end }) => end !== "ok")
  if (left.length === 0) return Effect.void
  const names = left.map(({ name }) => name).join(" ")
  return new PartlyDone({
    message: `${left.length} of ${counted(ends.length, "source", "sources")} failed, in whole or in part: ${names}.`
  })
}

/** Says what went wrong, and what follows of it. */
const sayOnly = (
  { message }: UsageError | CatalogError | PartlyDone | OutputFailed,
  ...follows: ReadonlyArray<string>
): Effect.Effect<void, never, Screen> =>
  Effect.flatMap(Screen, ({ note }) => note(["backups:", escapeText(message), ...follows].join(" ")))

/** Fails where a line of what was done could not be written. */
const refuseUnwritten = (ends: ReadonlyArray<SourceEnd>): Effect.Effect<void, OutputFailed> =>
  ends.find(({ unwritten }) => unwritten !== undefined)?.unwritten ?? Effect.void

/** Refuses an account that is asked for where a source has another one of its own. */
const refuseOtherAccount = (input: SyncInput, { path, sources }: FoundConfig): Effect.Effect<void, UsageError> => {
  const asked = input.value("account")
  const other = sources.find(({ account }) => asked !== undefined && account !== undefined && account !== asked)
  return other === undefined
    ? Effect.void
    : new UsageError({
        message:
          `In ${path} the source ${other.name} has an account of its own, which is not ${asked} as --account ` +
          "says; leave one of them out, or name other sources with --only."
      })
}

const configOf = (input: SyncInput, path: string): Effect.Effect<FoundConfig, UsageError> =>
  Effect.tap(readConfig(path, input.values("only")), (config) => refuseOtherAccount(input, config))

const once = (input: SyncInput, config: FoundConfig, running: Running) =>
  Effect.gen(function* () {
    const settings = yield* readSettings(input, process.env)
    const ends = yield* syncRound(config, settings, running)
    yield* Effect.zipRight(refuseUnwritten(ends), tell(roundTable(ends, (yield* Screen).width))).pipe(
      Effect.tapError(() => Effect.catchAll(refuseLeft(ends), (left) => sayOnly(left)))
    )
    yield* refuseLeft(ends)
  })

const again = (
  input: SyncInput,
  first: FoundConfig,
  everyMs: number,
  running: Running
): Effect.Effect<never, UsageError, Screen | Keyboard> => {
  let config = first
  let isFirst = true
  const reread = Effect.suspend(() =>
    configOf(input, config.path).pipe(
      Effect.catchAll((error) => Effect.as(sayOnly(error, "The previous configuration stays in use."), config))
    )
  )
  const settings = readSettings(input, process.env).pipe(
    Effect.asSome,
    Effect.catchAll((error) =>
      // What is missing at the beginning will be missing later.
      isFirst && error._tag === "UsageError"
        ? error
        : Effect.zipRight(sayOnly(error, "Nothing was imported in this round."), Effect.succeedNone)
    )
  )
  const round = Effect.gen(function* () {
    if (!isFirst) config = yield* reread
    const found = yield* settings
    isFirst = false
    if (found._tag === "None") return
    const ends = yield* syncRound(config, found.value, running)
    yield* Effect.catchAll(refuseUnwritten(ends), (error) =>
      sayOnly(error, "What the round imported is in the catalog.")
    )
  })
  return rounds(everyMs, round, (took) =>
    Effect.flatMap(Screen, ({ note }) =>
      note(`The round took ${formatAge(took)}, longer than --every ${input.value("every")}; the next begins at once.`)
    )
  )
}

const check = (config: FoundConfig) =>
  Effect.gen(function* () {
    const { note, write } = yield* Screen
    const wrong = yield* checkSources(config)
    for (const line of wrong) yield* note(line)
    const sources = counted(config.sources.length, "source", "sources")
    if (wrong.length === 0) return yield* write(`${config.path}: ${sources}, and nothing is wrong.\n`)
    // No option is at fault, so no help explains it.
    return yield* new UsageError({
      message: `Of ${sources} in ${config.path}, ${wrong.length} cannot be imported.`,
      hint: ""
    })
  })

/** `backups sync`, once its options are read. */
export const runSyncCommand = (input: SyncInput): Effect.Effect<void, CommandError, Screen | Keyboard> =>
  Effect.gen(function* () {
    if (input.given("print-schema")) return yield* (yield* Screen).write(syncSchema())
    const every = input.value("every")
    const everyMs = every === undefined ? undefined : yield* readEvery(every)
    const config = yield* configOf(input, yield* configPath(input.value("config"), process.env))
    if (input.given("check")) return yield* check(config)
    const running: Running = new Map()
    return yield* unlessSignalled(
      Effect.asVoid(everyMs === undefined ? once(input, config, running) : again(input, config, everyMs, running)),
      () => [...running.values()].map((farewell) => farewell()).join("\n") || undefined
    )
  })
