import { Effect } from "effect"
import type { ImportTask, TaskInput } from "../imports/ImportTask.ts"
import { readMapping } from "../imports/readMapping.ts"
import { readTimeout, statsOf } from "../imports/readTask.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import { pathFrom } from "./readConfig.ts"
import type { SyncSource } from "./SyncConfig.ts"

/**
 * A command whose program begins at the folder of the configuration where it is a path: nobody else is to choose it.
 */
const commandFrom = (config: string, [program = "", ...args]: ReadonlyArray<string>): ReadonlyArray<string> => [
  program.includes("/") ? pathFrom(config, program) : program,
  ...args
]

const inputOf = (config: string, source: SyncSource): TaskInput => {
  const { file, folder, from_profile: profile, from_os_cloud: cloud, command, timeout } = source
  if (file !== undefined) return { from: "file", path: pathFrom(config, file) }
  if (folder !== undefined) return { from: "folder", path: pathFrom(config, folder) }
  if (profile !== undefined) return { from: "profile", path: pathFrom(config, profile) }
  if (cloud !== undefined) return { from: "cloud", name: cloud }
  return {
    from: "exec",
    command: command && commandFrom(config, command),
    limitMs: timeout === undefined ? undefined : readTimeout(timeout)
  }
}

/**
 * Refuses what may never come to an end, as a pipe that nobody writes to: its round would not end, and no other begin.
 */
const refuseEndless = (input: TaskInput): Effect.Effect<void, UsageError> => {
  const stats = input.from === "file" ? statsOf(input.path) : undefined
  return input.from !== "file" || stats === undefined || stats.isFile() || stats.isDirectory()
    ? Effect.void
    : new UsageError({ message: `${input.path} is not a regular file, and may never end.` })
}

/** The import that a source of a configuration is. */
export const taskOf = (config: string, source: SyncSource): Effect.Effect<ImportTask, UsageError> =>
  Effect.gen(function* () {
    const { mapping } = source
    const input = inputOf(config, source)
    yield* refuseEndless(input)
    return {
      source: source.name,
      tool: source.tool,
      input,
      timeZone: source.time_zone,
      location: source.location,
      pattern: source.pattern,
      mapping: typeof mapping === "string" ? yield* readMapping(pathFrom(config, mapping)) : mapping,
      mode: source.mode ?? "snapshot",
      allowEmpty: source.allow_empty ?? false,
      dryRun: false
    }
  })
