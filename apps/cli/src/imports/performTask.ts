import { type HttpServices, runImport } from "@backup-catalog/client/effect"
import {
  type BadRequest,
  type CatalogError,
  type ImportRequest,
  type ImportResult,
  UnprocessableEntity
} from "@backup-catalog/core"
import type { Inventory, Problem, SourceRecord } from "@backup-catalog/sources"
import { Clock, Effect } from "effect"
import { withoutOperation } from "../catalog/withoutOperation.ts"
import { InputFailed } from "../outcomes/InputFailed.ts"
import { NotDone } from "../outcomes/NotDone.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import type { Keyboard } from "../reading/Keyboard.ts"
import { Account } from "../settings/Account.ts"
import { CatalogUrl } from "../settings/CatalogUrl.ts"
import { Screen } from "../terminal/Screen.ts"
import { whileNobodyComputes, whileNobodySends } from "./eventLoop.ts"
import type { ImportProgress } from "./ImportProgress.ts"
import type { ImportTask } from "./ImportTask.ts"
import { importerNamed } from "./importerNamed.ts"
import { type Body, inventoryBody } from "./inventoryBody.ts"
import { inventoryOfServer } from "./otherServer.ts"
import { describeProgress } from "./progressLine.ts"
import { describePath, recordsBody } from "./recordsBody.ts"
import { EMPTY_ALLOWED, takeInventory } from "./takeInventory.ts"
import { RECORDS } from "./tools.ts"

/** What came of an import, and what is to be known of what was imported. */
export interface Outcome {
  readonly task: ImportTask
  readonly result: ImportResult
  readonly problems: ReadonlyArray<Problem>
  /** Whether the inventory was all that the source has. */
  readonly complete: boolean
  /** Whether it is only a part because that was asked for. */
  readonly isPart?: boolean | undefined
  /** What was sent, a record a line; undefined where nobody looked into it. */
  readonly records: ReadonlyArray<SourceRecord> | undefined
}

/** What an import may fail with. */
export type TaskError = CatalogError | InputFailed | NotDone | UsageError

type TaskServices = HttpServices | Account | CatalogUrl | Screen | Keyboard

const readInventory = (task: ImportTask): Effect.Effect<Inventory, TaskError, TaskServices> =>
  Effect.gen(function* () {
    const { input, source, tool } = task
    if (input.from === "profile" || input.from === "cloud") {
      return yield* inventoryOfServer(input, source, { url: yield* CatalogUrl, account: yield* Account })
    }
    return yield* takeInventory(yield* importerNamed(tool), input, task)
  })

const mapped = ({ mapping, source, tool }: ImportTask, inventory: Inventory): Effect.Effect<Inventory> =>
  mapping === undefined
    ? Effect.succeed(inventory)
    : Effect.flatMap(
        Effect.promise(() => import("@backup-catalog/sources")),
        ({ applyMapping }) => whileNobodySends(Effect.sync(() => applyMapping(mapping, { source, tool }, inventory)))
      )

const FIRST_SHOWN_MS = 2_000
const SHOWN_EVERY_MS = 500

/** Shows how far an import is, until it is interrupted. */
const showing = (task: ImportTask, progress: ImportProgress): Effect.Effect<never, never, Screen> =>
  Effect.gen(function* () {
    const { progress: show } = yield* Screen
    if (show === undefined) return yield* Effect.never
    const begun = yield* Clock.currentTimeMillis
    yield* Effect.sleep(FIRST_SHOWN_MS)
    return yield* Clock.currentTimeMillis.pipe(
      Effect.flatMap((now) => show(describeProgress(task.source, progress, now - begun))),
      Effect.zipRight(Effect.sleep(SHOWN_EVERY_MS)),
      Effect.forever,
      Effect.ensuring(show(""))
    )
  })

/** What the catalog says of an empty snapshot, as whoever is here can allow it. */
const inOurWords =
  (allowing: string) =>
  (error: TaskError): TaskError => {
    if (!error.message.includes(EMPTY_ALLOWED)) return error
    const message = error.message.replace(EMPTY_ALLOWED, `say so with ${allowing}`)
    if (error instanceof NotDone) return new NotDone({ message })
    if (!(error instanceof UnprocessableEntity)) return error
    // They name the parameter, which nobody here writes.
    const { details: _, ...rest } = error
    return new UnprocessableEntity({ ...rest, message })
  }

const send = <E extends InputFailed = never>(
  { source, allowEmpty, dryRun }: ImportTask,
  mode: ImportRequest["mode"],
  { body, gzip }: Body<E>
) =>
  Effect.flatMap(Account, (account) =>
    runImport<E>(account, { source, mode, allowEmpty, dryRun }, body, { gzip })
  ).pipe(Effect.mapError(withoutOperation("takes no imports")))

// Whoever has the file knows of no request, and what was good of it was imported.
const badRecords = (path: string, { message }: BadRequest): InputFailed =>
  new InputFailed({
    message: `${message.replace("The request body", describePath(path))} What was read before that stays.`
  })

const ofRecords = (task: ImportTask, progress: ImportProgress): Effect.Effect<Outcome, TaskError, TaskServices> =>
  Effect.gen(function* () {
    const { input } = task
    if (input.from !== "file") {
      return yield* new UsageError({ message: "Records come from a file, or from the standard input as -: give one." })
    }
    progress.phase = "sending"
    const body = yield* recordsBody(input.path, progress)
    const result = yield* Effect.mapError(send(task, task.mode, body), (error) =>
      error._tag === "BadRequest" ? badRecords(input.path, error) : error
    )
    return { task, result, problems: [], complete: true, records: undefined }
  }).pipe(Effect.scoped, whileNobodyComputes)

const ofInventory = (task: ImportTask, progress: ImportProgress): Effect.Effect<Outcome, TaskError, TaskServices> =>
  Effect.gen(function* () {
    const { records, problems, complete, isPart } = yield* mapped(task, yield* readInventory(task))
    const sending = Effect.suspend(() => {
      progress.phase = "sending"
      return send(task, complete ? task.mode : "merge", inventoryBody(records, progress))
    })
    const result = yield* whileNobodyComputes(sending)
    return { task, result, problems, complete, isPart, records }
  })

/**
 * Imports a source: reads what it has, and sends it. What is not all that the source has is only added. `allowing` is
 * how an empty snapshot is allowed here: `--allow-empty`.
 */
export const performTask = (
  task: ImportTask,
  progress: ImportProgress,
  allowing: string
): Effect.Effect<Outcome, TaskError, TaskServices> =>
  (task.tool === RECORDS ? ofRecords(task, progress) : ofInventory(task, progress)).pipe(
    Effect.mapError(inOurWords(allowing)),
    Effect.raceFirst(showing(task, progress))
  )
