import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { Effect, Either } from "effect"
import { UsageError } from "../outcomes/UsageError.ts"
import { readYamlFile } from "../reading/readYaml.ts"
import { configFolder } from "../settings/configFolder.ts"
import { decodeSyncConfig, type SyncSource } from "./SyncConfig.ts"

/** A configuration as it was found. */
export interface FoundConfig {
  readonly path: string
  /** Those that are to be imported. */
  readonly sources: ReadonlyArray<SyncSource>
}

const NAME = "backups.yaml"

/** Where the configuration is: the path that was given, else here, else in the folder for configurations. */
export const configPath = (given: string | undefined, env: NodeJS.ProcessEnv): Effect.Effect<string, UsageError> => {
  if (given !== undefined) return Effect.succeed(given)
  const folder = configFolder(env)
  const usual = folder === undefined ? [] : [join(folder, "backup-catalog", NAME)]
  const found = [NAME, ...usual].find((path) => existsSync(path))
  const missing = usual.length === 0 ? `there is no ./${NAME}` : `neither ./${NAME} nor ${usual[0]} exists`
  return found === undefined
    ? new UsageError({ message: `There is no configuration: ${missing}; write one, or give --config.` })
    : Effect.succeed(found)
}

/** The path that a configuration means by one of its own. */
export const pathFrom = (config: string, path: string): string => resolve(dirname(config), path)

const runsSomething = ({ exec, command }: SyncSource): boolean => exec !== undefined || command !== undefined

const chosen = (
  path: string,
  sources: ReadonlyArray<SyncSource>,
  only: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<SyncSource>, UsageError> => {
  const unknown = only.find((name) => !sources.some((source) => source.name === name))
  if (unknown !== undefined) {
    const names = sources.map(({ name }) => name).join(" ")
    return new UsageError({ message: `The configuration ${path} has no source ${unknown}; there are ${names}.` })
  }
  return Effect.succeed(only.length === 0 ? sources : sources.filter(({ name }) => only.includes(name)))
}

/** The configuration at a path, with the sources of some names only where there are any. */
export const readConfig = (path: string, only: ReadonlyArray<string>): Effect.Effect<FoundConfig, UsageError> =>
  Effect.gen(function* () {
    const { value, writable } = yield* readYamlFile("The configuration", path)
    const { sources } = yield* Either.mapLeft(
      decodeSyncConfig(value),
      (reason) => new UsageError({ message: `The configuration ${path} cannot be used: ${reason}.` })
    )
    if (writable && sources.some(runsSomething)) {
      return yield* new UsageError({
        message: `The configuration ${path} cannot be used: it names commands, and others may write it; chmod go-w closes it to them.`
      })
    }
    return { path, sources: yield* chosen(path, sources, only) }
  })
