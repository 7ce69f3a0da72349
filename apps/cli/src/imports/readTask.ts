import { type Stats, statSync } from "node:fs"
import type { Input } from "@backup-catalog/command-line"
import { describeParseError, SourceName } from "@backup-catalog/core"
import type { Importer } from "@backup-catalog/sources"
import { Effect, Either, Schema } from "effect"
import { millisWithin } from "../commandLine/millisWithin.ts"
import { refuse, UsageError } from "../outcomes/UsageError.ts"
import type { ImportTask, TaskInput } from "./ImportTask.ts"
import { importerNamed } from "./importerNamed.ts"
import type { ImportFlagName } from "./importFlags.ts"
import { readMapping } from "./readMapping.ts"
import { timeZoneForms } from "./timeZoneForms.ts"
import { LISTED_TOOL, RECORDS, toolNames } from "./tools.ts"

const decodeName = Schema.decodeEither(SourceName)

const readSource = (text: string): Either.Either<SourceName, UsageError> =>
  Either.mapLeft(
    decodeName(text),
    (error) => new UsageError({ message: `${describeParseError(error, "The name of the source")}.` })
  )

const MIN_TIMEOUT_MS = 1_000
const MAX_TIMEOUT_MS = 86_400_000

/** The milliseconds of a duration from 1s to 1d. */
export const readTimeout = (text: string): number | undefined => millisWithin(text, MIN_TIMEOUT_MS, MAX_TIMEOUT_MS)

/** What is at a path; undefined where it cannot be looked at, which is for its reader to complain of. */
export const statsOf = (path: string): Stats | undefined => {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** Whether there is a folder at a path. */
export const isFolder = (path: string): boolean => path !== "-" && statsOf(path)?.isDirectory() === true

/** Whether a path is the standard input, or another thing that is read as it comes, as a named pipe is. */
const isPipe = (path: string): boolean => path === "-" || statsOf(path)?.isFile() === false

/** What a path is to an importer. */
const inputAt = (importer: Pick<Importer, "kind">, path: string): TaskInput =>
  importer.kind === "folder" || isFolder(path) ? { from: "folder", path } : { from: "file", path }

type ImportInput = Input<ImportFlagName>

const fromOtherServer = (input: ImportInput, tool: string): Either.Either<TaskInput | undefined, UsageError> => {
  const [profile, cloud] = [input.value("from-profile"), input.value("from-os-cloud")]
  if (profile === undefined && cloud === undefined) return Either.right(undefined)
  if (tool !== LISTED_TOOL) {
    return refuse(`Only ${LISTED_TOOL} lists another server, and ${tool} does not.`)
  }
  if (profile !== undefined && cloud !== undefined) {
    return refuse("The options --from-profile and --from-os-cloud name two servers; leave one of them out.")
  }
  return Either.right(profile === undefined ? { from: "cloud", name: cloud ?? "" } : { from: "profile", path: profile })
}

/** Refuses what is for a tool that is run, where none is. */
export const refuseWithoutExec = (input: ImportInput): Either.Either<void, UsageError> => {
  if (input.rest !== undefined) return refuse("What stands behind -- is a command, which --exec runs.")
  return input.given("timeout") ? refuse("The option --timeout is for a tool that is run; give --exec.") : Either.void
}

const execInput = (input: ImportInput): Either.Either<TaskInput | undefined, UsageError> => {
  if (!input.given("exec")) return Either.map(refuseWithoutExec(input), () => undefined)
  if (input.rest?.length === 0) return refuse("There is no command behind --; give one, or leave -- out.")
  const timeout = input.value("timeout")
  const limitMs = timeout === undefined ? undefined : readTimeout(timeout)
  return timeout !== undefined && limitMs === undefined
    ? refuse(`The option --timeout takes 1s to 1d, as in 90s or 10m, not ${timeout}.`)
    : Either.right({ from: "exec", command: input.rest, limitMs })
}

const describeMissing = (tool: string, importer: Importer | undefined): string => {
  if (importer === undefined) return `Give a file of records, or - for standard input: backups import ${tool} FILE.`
  if (importer.kind === "folder") return `Give the folder of backups: backups import ${tool} FOLDER.`
  return importer.command.length === 0
    ? `Give a file of what was saved, - for standard input, or --from-profile or --from-os-cloud to list the server.`
    : `Give a file of what ${importer.title} printed, - for standard input, or --exec to run ${importer.command.join(" ")} here.`
}

const readTaskInput = (
  input: ImportInput,
  tool: string,
  importer: Importer | undefined
): Either.Either<TaskInput, UsageError> =>
  Either.gen(function* () {
    const [, path] = input.arguments
    const inputs = [
      ...(path === undefined
        ? []
        : [importer === undefined ? { from: "file" as const, path } : inputAt(importer, path)]),
      yield* execInput(input),
      yield* fromOtherServer(input, tool)
    ].filter((one) => one !== undefined)
    const [first, second] = inputs
    if (path === "") return yield* refuse("The argument PATH is empty; leave it out, or give it a value.")
    if (first === undefined) return yield* refuse(describeMissing(tool, importer))
    if (second === undefined) return first
    return yield* refuse("A path, --exec and another server are each all of a source; give one of them.")
  })

const meaninglessForRecords = ["exec", "time-zone", "location", "pattern", "mapping"] as const

const refuseForRecords = (input: ImportInput): Either.Either<void, UsageError> => {
  const other = meaninglessForRecords.find((name) => input.given(name))
  return other === undefined
    ? Either.void
    : refuse(`Records are sent as they are, so --${other} has nothing to change; leave it out.`)
}

// A pipe whose writer died looks like one that has ended: what it did not bring must not seem to be gone.
const readMode = (input: ImportInput, tool: string): Effect.Effect<ImportTask["mode"], UsageError> => {
  if (input.given("merge") && input.given("snapshot")) {
    return refuse("The options --merge and --snapshot exclude each other.")
  }
  if (input.given("snapshot")) return Effect.succeed("snapshot")
  return Effect.succeed(input.given("merge") || isRecordsOfPipe(input, tool) ? "merge" : "snapshot")
}

/** Whether records come from a pipe, of which nobody can tell that they are all. */
export const isRecordsOfPipe = (input: ImportInput, tool: string): boolean => {
  const [, path] = input.arguments
  return tool === RECORDS && path !== undefined && isPipe(path)
}

const checkTimeZone = (timeZone: string): Effect.Effect<void, UsageError> =>
  Effect.flatMap(
    Effect.promise(() => import("@backup-catalog/sources")),
    ({ isTimeZone }) =>
      isTimeZone(timeZone) ? Effect.void : refuse(`The option --time-zone takes ${timeZoneForms}, not ${timeZone}.`)
  )

/** The import that a command line asks for, of a tool that it names. */
export const readTask = (input: ImportInput, tool: string, from?: TaskInput): Effect.Effect<ImportTask, UsageError> =>
  Effect.gen(function* () {
    if (!toolNames.includes(tool)) {
      return yield* refuse(`There is no importer ${tool}; there are ${toolNames.join(" ")}.`)
    }
    if (tool === RECORDS) yield* refuseForRecords(input)
    const importer = tool === RECORDS ? undefined : yield* importerNamed(tool)
    const mapping = input.value("mapping")
    const timeZone = input.value("time-zone")
    if (timeZone !== undefined) yield* checkTimeZone(timeZone)
    return {
      source: yield* readSource(input.value("source") ?? tool),
      tool,
      input: from ?? (yield* readTaskInput(input, tool, importer)),
      timeZone,
      location: input.value("location"),
      pattern: input.value("pattern"),
      mapping: mapping === undefined ? undefined : yield* readMapping(mapping),
      mode: yield* readMode(input, tool),
      allowEmpty: input.given("allow-empty"),
      dryRun: input.given("dry-run")
    }
  })
