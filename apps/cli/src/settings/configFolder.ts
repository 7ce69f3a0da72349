import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"

const homeFolder = (): string => {
  try {
    return homedir()
  } catch {
    // A user whom the system does not know has none.
    return ""
  }
}

/**
 * The folder for the configurations of a user: `XDG_CONFIG_HOME`, else `~/.config`; undefined where there is no home. A
 * relative path is none of both, by the XDG specification: what others put into the current folder must not count.
 */
export const configFolder = ({ XDG_CONFIG_HOME: config }: NodeJS.ProcessEnv): string | undefined => {
  if (config !== undefined && isAbsolute(config)) return config
  const home = homeFolder()
  return isAbsolute(home) ? join(home, ".config") : undefined
}
