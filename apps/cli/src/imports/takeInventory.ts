import type {
  FolderImporter,
  Importer,
  ImportOptions,
  Inventory,
  OutputImporter,
  Problem,
  SourceRefused
} from "@backup-catalog/sources"
import { Clock, Effect } from "effect"
import { readFolder } from "../folders/readFolder.ts"
import type { InputFailed } from "../outcomes/InputFailed.ts"
import { NotDone } from "../outcomes/NotDone.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import { runTool } from "../processes/runTool.ts"
import type { Keyboard } from "../reading/Keyboard.ts"
import { readOutput } from "../reading/readOutput.ts"
import type { Screen } from "../terminal/Screen.ts"
import { whileNobodySends } from "./eventLoop.ts"
import { hostZone } from "./hostZone.ts"

/** Where the inventory of a source comes from. */
export type InventoryInput =
  /** A tool that is run on this host: the importer's own command, or another that prints the same. */
  | {
      readonly from: "exec"
      readonly command?: ReadonlyArray<string> | undefined
      readonly limitMs?: number | undefined
    }
  /** What it printed, in a file, or the standard input when that is `-`. */
  | { readonly from: "file"; readonly path: string }
  /** A folder of backups. */
  | { readonly from: "folder"; readonly path: string }

/** What is said of a source. */
export interface InventoryOptions {
  readonly source: string
  readonly timeZone?: string | undefined
  readonly location?: string | undefined
  /** What the paths in a folder mean. */
  readonly pattern?: string | undefined
  /** Whether a folder may be empty, because the source has nothing left. */
  readonly allowEmpty?: boolean | undefined
}

/** How the catalog says that a snapshot may be empty, which each command has its own words for. */
export const EMPTY_ALLOWED = "allow an empty snapshot"

type TakeError = InputFailed | NotDone | UsageError

const refused = ({ message }: SourceRefused): NotDone => new NotDone({ message: `Nothing was imported. ${message}` })

/** A folder that was refused, perhaps for what could not be seen of it. */
const refusedFolder =
  ([unseen]: ReadonlyArray<Problem>) =>
  ({ message }: SourceRefused): NotDone =>
    new NotDone({
      message: `Nothing was imported. ${message}${unseen === undefined ? "" : ` And ${unseen.place} ${unseen.message}.`}`
    })

const emptyFolder = (path: string): NotDone =>
  new NotDone({
    message: `Nothing was imported. The folder ${path} holds no files: is it mounted? Where the source has nothing left, ${EMPTY_ALLOWED}.`
  })

const importOptions = ({ source, timeZone, location }: InventoryOptions): Effect.Effect<ImportOptions> =>
  Effect.map(Clock.currentTimeMillis, (now) => ({
    source,
    timeZone,
    // What is added to it begins with a slash.
    location: location?.replace(/\/+$/, ""),
    now
  }))

const commandOf = (
  { name, command }: OutputImporter,
  given: ReadonlyArray<string> | undefined
): Effect.Effect<ReadonlyArray<string>, UsageError> => {
  const chosen = given ?? command
  return chosen.length > 0
    ? Effect.succeed(chosen)
    : new UsageError({ message: `The importer ${name} has no command of its own: give one that prints what it reads.` })
}

interface ZoneOfRun {
  readonly timeZone: string | undefined
  readonly environment?: Readonly<Record<string, string>>
}

/** The zone of the times that a tool prints without one, and what makes it print them so. */
const zoneOfRun = (
  { heedsTZ }: OutputImporter,
  command: ReadonlyArray<string> | undefined,
  given: string | undefined
): Effect.Effect<ZoneOfRun> => {
  // A command of somebody's own may run the tool on another host.
  if (given !== undefined || command !== undefined) return Effect.succeed({ timeZone: given })
  // In UTC no hour comes twice.
  if (heedsTZ === true) return Effect.succeed({ timeZone: "UTC", environment: { TZ: "UTC" } })
  return Effect.map(hostZone, (timeZone) => ({ timeZone }))
}

const parsed = (parsing: Effect.Effect<Inventory, SourceRefused>): Effect.Effect<Inventory, NotDone> =>
  Effect.mapError(whileNobodySends(parsing), refused)

const ofOutput = (
  importer: OutputImporter,
  input: InventoryInput,
  options: InventoryOptions
): Effect.Effect<Inventory, TakeError, Keyboard | Screen> =>
  Effect.gen(function* () {
    if (input.from === "folder") {
      return yield* new UsageError({
        message: `The importer ${importer.name} reads what ${importer.title} prints, and no folder: let it be run, or give a file.`
      })
    }
    if (options.pattern !== undefined) {
      return yield* new UsageError({ message: `The importer ${importer.name} reads no paths, so it takes no pattern.` })
    }
    const about = yield* importOptions(options)
    if (input.from === "file") {
      return yield* parsed(importer.parse(yield* readOutput(input.path), about))
    }
    const { environment, timeZone } = yield* zoneOfRun(importer, input.command, options.timeZone)
    const run = { environment, ...(input.limitMs === undefined ? {} : { limitMs: input.limitMs }) }
    const { bytes, stderr } = yield* runTool(yield* commandOf(importer, input.command), run)
    return yield* parsed(importer.parse(bytes, { ...about, timeZone, stderr }))
  })

const ofFolder = (
  importer: FolderImporter,
  input: InventoryInput,
  options: InventoryOptions
): Effect.Effect<Inventory, TakeError> =>
  Effect.gen(function* () {
    if (input.from !== "folder") {
      return yield* new UsageError({ message: `The importer ${importer.name} reads a folder of backups: give one.` })
    }
    const { files, problems: unseen } = yield* readFolder(input.path, importer.wants)
    const insideOf = importer.insideOf?.(files)
    const isInside = ({ place }: Problem) => insideOf?.(place) === true
    const problems = unseen.map((problem) => ({
      ...problem,
      message: `${problem.message}, so ${isInside(problem) ? "a part of a backup" : "backups"} may be missing`
    }))
    if (files.length === 0 && problems.length === 0) {
      if (options.allowEmpty === true) return { records: [], problems, complete: true }
      return yield* emptyFolder(input.path)
    }
    const about = { ...(yield* importOptions(options)), pattern: options.pattern }
    const inventory = yield* Effect.mapError(whileNobodySends(importer.parse(files, about)), refusedFolder(problems))
    // What is in a folder that could not be looked into would seem to be gone.
    return {
      ...inventory,
      problems: [...problems, ...inventory.problems],
      complete: inventory.complete && problems.every(isInside)
    }
  })

/**
 * The inventory of a source by an importer, read from where it is. Where a tool's own command is run on this host and
 * no zone is given, times that it prints without one are in UTC where it can be made to print them so, else in that of
 * the host.
 */
export const takeInventory = (
  importer: Importer,
  input: InventoryInput,
  options: InventoryOptions
): Effect.Effect<Inventory, TakeError, Keyboard | Screen> =>
  importer.kind === "output" ? ofOutput(importer, input, options) : ofFolder(importer, input, options)
