import { Effect } from "effect"
import type { LocalCommand } from "../commandLine/Command.ts"
import { Screen } from "../terminal/Screen.ts"
import { version as text } from "../version.ts"

/** Writes the version, and nothing else. */
export const writeVersion = Effect.flatMap(Screen, (screen) => screen.write(`${text}\n`))

/** `backups version`: the version alone. */
export const version: LocalCommand<never> = {
  kind: "local",
  name: "version",
  summary: "Show the version of this program.",
  withoutSettings: true,
  flags: {},
  examples: [["backups version", "The version and nothing else."]],
  run: () => writeVersion
}
