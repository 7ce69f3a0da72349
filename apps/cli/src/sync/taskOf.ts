import { Effect } from "effect"
import type { ImportTask, TaskInput } from "../imports/ImportTask.ts"
import { readMapping } from "../imports/readMapping.ts"
import { readTimeout } from "../imports/readTask.ts"
import type { UsageError } from "../UsageError.ts"
import { pathFrom } from "./readConfig.ts"
import type { SyncSource } from "./SyncConfig.ts"

const inputOf = (config: string, source: SyncSource): TaskInput => {
  const { file, folder, from_profile: profile, from_os_cloud: cloud, command, timeout } = source
  if (file !== undefined) return { from: "file", path: pathFrom(config, file) }
  if (folder !== undefined) return { from: "folder", path: pathFrom(config, folder) }
  if (profile !== undefined) return { from: "profile", path: pathFrom(config, profile) }
  if (cloud !== undefined) return { from: "cloud", name: cloud }
  return { from: "exec", command, limitMs: timeout === undefined ? undefined : readTimeout(timeout) }
}

/** The import that a source of a configuration is. */
export const taskOf = (config: string, source: SyncSource): Effect.Effect<ImportTask, UsageError> =>
  Effect.gen(function* () {
    const { mapping } = source
    return {
      source: source.name,
      tool: source.tool,
      input: inputOf(config, source),
      timeZone: source.time_zone,
      location: source.location,
      pattern: source.pattern,
      mapping: typeof mapping === "string" ? yield* readMapping(pathFrom(config, mapping)) : mapping,
      mode: source.mode ?? "snapshot",
      allowEmpty: source.allow_empty ?? false,
      dryRun: false
    }
  })
