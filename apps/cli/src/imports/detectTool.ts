import { Effect } from "effect"
import { readFolder } from "../folders/readFolder.ts"
import type { InputFailed } from "../outcomes/InputFailed.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import { Keyboard } from "../reading/Keyboard.ts"
import { readOutput } from "../reading/readOutput.ts"
import { escapeText } from "../terminal/escapeText.ts"
import type { TaskInput } from "./ImportTask.ts"
import { isFolder } from "./readTask.ts"
import { describePath } from "./recordsBody.ts"
import { toolNames } from "./tools.ts"

/** Whose output or folder something is, and how it is read from then on. */
export interface Detected {
  readonly tool: string
  readonly input: TaskInput
  /** The keyboard on which what was read already can be read again. */
  readonly keyboard: typeof Keyboard.Service
}

const theOnly = (path: string, found: ReadonlyArray<{ readonly name: string }>): Effect.Effect<string, UsageError> => {
  const [first, second] = found
  const what = escapeText(describePath(path))
  if (first !== undefined && second === undefined) return Effect.succeed(first.name)
  return new UsageError({
    message:
      first === undefined
        ? `${what} is recognised by no importer. If you know the tool, name it: ${toolNames.join(" ")}.`
        : `${what} is recognised by several importers, ${found.map(({ name }) => name).join(" ")}: import it with each, under a --source of its own.`
  })
}

/** Finds out which importer a file, a folder, or with `-` the standard input is for. */
export const detectTool = (path: string): Effect.Effect<Detected, UsageError | InputFailed, Keyboard> =>
  Effect.gen(function* () {
    const keyboard = yield* Keyboard
    const { detectFolder, detectionWants, detectOutput } = yield* Effect.promise(
      () => import("@backup-catalog/sources")
    )
    if (isFolder(path)) {
      const { files } = yield* readFolder(path, detectionWants)
      return { tool: yield* theOnly(path, detectFolder(files)), input: { from: "folder", path }, keyboard }
    }
    const bytes = yield* readOutput(path)
    return {
      tool: yield* theOnly(path, detectOutput(bytes)),
      // A pipe can be read once only.
      input: { from: "file", path: "-" },
      keyboard: { ...keyboard, wholeBytes: () => Effect.succeed(bytes) }
    }
  })
