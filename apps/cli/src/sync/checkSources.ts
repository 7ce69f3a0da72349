import { accessSync, constants, statSync } from "node:fs"
import { delimiter, join } from "node:path"
import { systemReason } from "@backup-catalog/command-line"
import { Effect, Either } from "effect"
import { importerNamed } from "../imports/importerNamed.ts"
import { checkServer } from "../imports/otherServer.ts"
import type { InventoryInput } from "../imports/takeInventory.ts"
import { escapeText } from "../terminal/escapeText.ts"
import type { FoundConfig } from "./readConfig.ts"
import type { SyncSource } from "./SyncConfig.ts"
import { taskOf } from "./taskOf.ts"

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

// Where the system looks for programs when nobody says where.
const DEFAULT_PATH = "/bin:/usr/bin"

const isOnHost = (program: string, { PATH = DEFAULT_PATH }: NodeJS.ProcessEnv): boolean =>
  program.includes("/")
    ? isProgram(program)
    : PATH.split(delimiter).some((folder) => isProgram(join(folder || ".", program)))

/** Why a path is not what it is to be, as a sentence without a full stop; undefined when it is. */
const unreadable = (path: string, kind: "file" | "folder"): string | undefined => {
  try {
    if (statSync(path).isDirectory() !== (kind === "folder")) return `${path} is not a ${kind}`
    accessSync(path, kind === "folder" ? constants.R_OK | constants.X_OK : constants.R_OK)
    return undefined
  } catch (error) {
    return `${path} cannot be read: ${systemReason(error)}`
  }
}

const wrongInput = (input: InventoryInput, usual: ReadonlyArray<string>): string | undefined => {
  if (input.from !== "exec") return unreadable(input.path, input.from === "folder" ? "folder" : "file")
  const [program = ""] = input.command ?? usual
  return isOnHost(program, process.env) ? undefined : `there is no program ${program} on this host`
}

const usualCommand = ({ tool, exec }: SyncSource) =>
  exec === undefined
    ? Effect.succeed([])
    : Effect.map(importerNamed(tool), (importer) => (importer.kind === "output" ? importer.command : []))

const wrongWith = (path: string, source: SyncSource): Effect.Effect<string | undefined> =>
  Effect.gen(function* () {
    const { input } = yield* taskOf(path, source)
    if (input.from === "cloud" || input.from === "profile") {
      yield* checkServer(input, process.env)
      return undefined
    }
    return wrongInput(input, yield* usualCommand(source))
  }).pipe(
    Effect.either,
    Effect.map(Either.match({ onLeft: ({ message }) => message.replace(/\.$/, ""), onRight: (wrong) => wrong }))
  )

/** What would keep sources from being imported, as far as this host can tell, a line each. */
export const checkSources = ({ path, sources }: FoundConfig): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(
    Effect.forEach(sources, (source) =>
      Effect.map(wrongWith(path, source), (wrong) =>
        wrong === undefined ? [] : [escapeText(`${source.name}: ${wrong}.`)]
      )
    ),
    (lines) => lines.flat()
  )
