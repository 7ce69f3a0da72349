import { type Setting, settings, variablesOf } from "./Setting.ts"
import type { Source } from "./Source.ts"
import type { Surroundings } from "./Surroundings.ts"

/** The `OS_*` variables as a source of some settings. An empty variable counts as not set. */
export const environmentSource = (env: Surroundings["env"], only: ReadonlyArray<Setting> = settings): Source => {
  const variableOf = (setting: Setting) => variablesOf(setting).find((variable) => env[variable])
  return {
    title: "the environment",
    get: (setting) => {
      const variable = only.includes(setting) ? variableOf(setting) : undefined
      return variable === undefined ? undefined : env[variable]
    },
    nameOf: (setting) => {
      const name = variableOf(setting) ?? variablesOf(setting)[0]
      return { name, words: name }
    }
  }
}
