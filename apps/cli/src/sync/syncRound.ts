import type { ImportResult } from "@backup-catalog/core"
import { Effect, Exit } from "effect"
import { catalogLive } from "../catalog/catalogLive.ts"
import { describeLeft, describeResult, describeUnassigned, notesOf } from "../imports/describeOutcome.ts"
import { ImportProgress, interruptedAt } from "../imports/ImportProgress.ts"
import { type Outcome, performTask } from "../imports/performTask.ts"
import { endingOf } from "../outcomes/ExitCode.ts"
import type { Keyboard } from "../reading/Keyboard.ts"
import type { Settings } from "../settings/Settings.ts"
import { escapeText } from "../terminal/escapeText.ts"
import { type OutputFailed, Screen, tell } from "../terminal/Screen.ts"
import type { FoundConfig } from "./readConfig.ts"
import type { SyncSource } from "./SyncConfig.ts"
import { taskOf } from "./taskOf.ts"

/** What came of a source in a round. */
export interface SourceEnd {
  readonly name: string
  readonly end: "ok" | "partly" | "failed"
  /** The counts, where it was imported. */
  readonly result: ImportResult | undefined
  /** Why the line of its counts could not be written; undefined where it was, or there was none. */
  readonly unwritten: OutputFailed | undefined
}

/** What is being imported, with what is to be known by whoever interrupts it. */
export type Running = Map<SyncSource, () => string>

// A tool that lists its backups often reads all of their files: more at once would only be in each other's way.
const CONCURRENCY = 2

const imported = (config: string, source: SyncSource, settings: Settings, running: Running) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const task = yield* taskOf(config, source)
    const progress = new ImportProgress()
    running.set(source, () => interruptedAt(progress, task))
    return yield* performTask(task, progress, "allow_empty: true").pipe(
      Effect.provide(catalogLive({ ...settings, account: source.account ?? settings.account })),
      // Two at once have no one line to be shown in.
      Effect.provideService(Screen, { ...screen, progress: undefined }),
      // Whoever interrupts it asks afterwards what there was.
      Effect.onExit((exit) => (Exit.isInterrupted(exit) ? Effect.void : Effect.sync(() => running.delete(source))))
    )
  })

/**
 * Writes a line of what was done; gives the failure where it cannot be written, which is nothing to the other sources.
 */
const written = (line: string): Effect.Effect<OutputFailed | undefined, never, Screen> =>
  Effect.match(tell(`${line}\n`), { onFailure: (error) => error, onSuccess: () => undefined })

const tellOf = (outcome: Outcome) =>
  Effect.gen(function* () {
    const { note, progress } = yield* Screen
    for (const line of notesOf(outcome)) yield* note(line)
    // It is so in every round: where nobody looks on, it would be a mail each time, and backups check says it as well.
    const unassigned = progress === undefined ? undefined : describeUnassigned(outcome)
    if (unassigned !== undefined) yield* note(unassigned)
    const unwritten = yield* written(describeResult(outcome.result))
    const left = describeLeft(outcome)
    if (left !== undefined) yield* note(`backups: ${escapeText(left)}`)
    return { end: left === undefined ? ("ok" as const) : ("partly" as const), unwritten }
  })

const ofSource = (
  config: string,
  source: SyncSource,
  settings: Settings,
  running: Running
): Effect.Effect<SourceEnd, never, Screen | Keyboard> =>
  Effect.gen(function* () {
    const { name } = source
    const exit = yield* Effect.exit(imported(config, source, settings, running))
    if (Exit.isSuccess(exit)) return { name, ...(yield* tellOf(exit.value)), result: exit.value.result }
    const { note } = yield* Screen
    const reason = endingOf(exit.cause).line?.replace(/^backups: /, "") ?? ""
    yield* note(`backups: ${escapeText(name)}: ${reason}`)
    return { name, end: "failed", result: undefined, unwritten: undefined }
  })

/** Imports all sources of a configuration; what happens to one is nothing to the others. */
export const syncRound = (
  { path, sources }: FoundConfig,
  settings: Settings,
  running: Running
): Effect.Effect<ReadonlyArray<SourceEnd>, never, Screen | Keyboard> =>
  Effect.forEach(sources, (source) => ofSource(path, source, settings, running), { concurrency: CONCURRENCY })
