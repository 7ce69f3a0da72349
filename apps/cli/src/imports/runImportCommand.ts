import type { HttpServices } from "@backup-catalog/client/effect"
import type { Input } from "@backup-catalog/command-line"
import { Effect } from "effect"
import type { CommandError } from "../outcomes/CommandError.ts"
import { PartlyDone } from "../outcomes/PartlyDone.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import { Keyboard } from "../reading/Keyboard.ts"
import type { Account } from "../settings/Account.ts"
import type { CatalogUrl } from "../settings/CatalogUrl.ts"
import { Screen, tell } from "../terminal/Screen.ts"
import { unlessSignalled } from "../terminal/signals.ts"
import { describeLeft, describeUnassigned, notesOf } from "./describeOutcome.ts"
import { detectTool } from "./detectTool.ts"
import { ImportProgress, interruptedAt } from "./ImportProgress.ts"
import type { ImportTask } from "./ImportTask.ts"
import { type ImportFlagName, importFormats } from "./importFlags.ts"
import { type Outcome, performTask } from "./performTask.ts"
import { isRecordsOfPipe, readTask, refuseWithoutExec } from "./readTask.ts"
import { writtenAsJson, writtenForPeople } from "./writeOutcome.ts"

type ImportInput = Input<ImportFlagName>

/** The import that is asked for, and the keyboard that it reads from. */
const readCommand = (input: ImportInput) =>
  Effect.gen(function* () {
    const keyboard = yield* Keyboard
    if (!input.given("detect")) return { task: yield* readTask(input, input.argument), keyboard }
    const other = (["exec", "from-profile", "from-os-cloud"] as const).find((name) => input.given(name))
    if (input.arguments.length > 1 || other !== undefined) {
      return yield* new UsageError({ message: "With --detect there is one argument, the file or folder, and no TOOL." })
    }
    yield* refuseWithoutExec(input)
    const detected = yield* detectTool(input.argument)
    yield* Effect.flatMap(Screen, ({ note }) => note(`Recognised as ${detected.tool}.`))
    return { task: yield* readTask(input, detected.tool, detected.input), keyboard: detected.keyboard }
  })

const perform = (task: ImportTask) =>
  Effect.suspend(() => {
    const progress = new ImportProgress()
    return unlessSignalled(performTask(task, progress, "--allow-empty"), () => interruptedAt(progress, task))
  })

/** Tells what came of an import, and fails where that is not all that was to come of it. */
const report = (outcome: Outcome, format: string) =>
  Effect.gen(function* () {
    const { note, width } = yield* Screen
    for (const line of notesOf(outcome)) yield* note(line)
    const unassigned = describeUnassigned(outcome)
    if (unassigned !== undefined) yield* note(unassigned)
    if (format === "json") yield* tell(writtenAsJson(outcome))
    else {
      const { text, notes } = writtenForPeople(outcome, width)
      yield* tell(text)
      for (const line of notes) yield* note(line)
    }
    const left = describeLeft(outcome)
    if (left !== undefined) return yield* new PartlyDone({ message: left })
  })

/** `backups import`, once its options are read. */
export const runImportCommand = (
  input: ImportInput
): Effect.Effect<void, CommandError, Screen | Keyboard | HttpServices | Account | CatalogUrl> =>
  Effect.gen(function* () {
    const format = input.value("output") ?? importFormats[0]
    if (!importFormats.some((one) => one === format)) {
      return yield* new UsageError({
        message: `The output ${format} is not known; there are ${importFormats.join(" ")}.`
      })
    }
    const { task, keyboard } = yield* readCommand(input)
    yield* report(yield* Effect.provideService(perform(task), Keyboard, keyboard), format)
    if (isRecordsOfPipe(input, task.tool) && !input.given("merge") && !input.given("snapshot")) {
      const { note } = yield* Screen
      yield* note("Nothing was retired, since a pipe may break off unseen; --snapshot says that this was all.")
    }
  })
