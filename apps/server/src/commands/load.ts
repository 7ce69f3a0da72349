import { createReadStream } from "node:fs"
import type { Readable } from "node:stream"
import { systemReason } from "@backup-catalog/command-line"
import { Console, Effect } from "effect"
import { loadRecords } from "../load/loadRecords.ts"
import { storeLayer } from "../store/StoreLive.ts"
import { CommandError } from "./CommandError.ts"
import { formatCount } from "./formatCount.ts"
import { openStore } from "./openStore.ts"
import { print } from "./print.ts"
import { makeProgress } from "./progress.ts"
import { serverCommand } from "./ServerCommand.ts"
import { accountFlag, accountOf, inRange } from "./settings.ts"
import { storeOptions } from "./storeOptions.ts"

// A read that waits for more input would keep the program from stopping.
const destroyOnSignal = (chunks: Readable) => {
  const destroy = () => chunks.destroy()
  return Effect.acquireRelease(
    Effect.sync(() => process.once("SIGINT", destroy).once("SIGTERM", destroy)),
    () => Effect.sync(() => process.off("SIGINT", destroy).off("SIGTERM", destroy))
  )
}

/** `load`: puts records into the store from a file. */
export const load = serverCommand({
  name: "load",
  summary: "Put records into the store from a file.",
  details: "They are told apart by their ids, so loading again changes nothing.",
  argument: {
    name: "FILE",
    file: true,
    help: "A saved list answer, a JSON array of records or NDJSON; - for standard input."
  },
  flags: {
    account: { ...accountFlag, required: true },
    "batch-size": {
      value: "N",
      variable: "CATALOG_BATCH_SIZE",
      default: "1000",
      help: "Records in one transaction, 1 to 10000."
    },
    ...storeOptions
  },
  examples: [
    ["backup-catalog-server load --account 1234 backups.json", "The records of a saved list answer."],
    ["backups list -o ndjson | backup-catalog-server load --account 1234 -", "All that another catalog lists."]
  ],
  run: (given, file) =>
    Effect.gen(function* () {
      const account = yield* accountOf(given.account)
      const size = yield* inRange(given["batch-size"], 1, 10_000)
      const name = file === "-" ? "standard input" : file
      const tell = yield* makeProgress("records read")
      let read = 0
      const chunks = file === "-" ? process.stdin : createReadStream(file)
      yield* destroyOnSignal(chunks)
      const result = yield* loadRecords(account, chunks, {
        batchSize: size,
        onReject: (place, problem) => Console.error(`${name}: ${place}: ${problem}`),
        onProgress: ({ created, updated, unchanged, rejected }) => {
          read = created + updated + unchanged + rejected
          return tell(read)
        }
      }).pipe(
        Effect.onInterrupt(() =>
          Console.error(
            `Stopped after ${formatCount(read)} records of ${name}; the rest was not loaded. Loading again is safe.`
          )
        ),
        Effect.catchTag(
          "StoreUnavailable",
          ({ reason }) =>
            new CommandError({
              exitCode: 1,
              message: `The store cannot be written (${reason}); what was loaded so far stays, and loading again is safe.`
            })
        )
      )
      const { created, updated, unchanged, rejected } = result
      if (result.unreadable !== undefined && read === 0) {
        return yield* new CommandError({
          exitCode: 1,
          message: `${name} cannot be read: ${systemReason(result.unreadable)}.`
        })
      }
      yield* print(
        `Account ${account}: ${formatCount(created)} new, ${formatCount(updated)} changed, ` +
          `${formatCount(unchanged)} unchanged, ${formatCount(rejected)} rejected.`
      )
      if (result.goesOn) {
        yield* Console.error(
          `${name} is one page of a longer list: it has a next link, and what is behind that was not loaded.`
        )
      }
      if (result.unreadable !== undefined) {
        return yield* new CommandError({
          exitCode: 1,
          message: `${name} cannot be read to its end: ${systemReason(result.unreadable)}.`
        })
      }
      if (rejected > 0) {
        return yield* new CommandError({
          exitCode: 1,
          message: `${formatCount(rejected)} of the records in ${name} ${rejected === 1 ? "was" : "were"} rejected.`
        })
      }
    }).pipe(Effect.scoped, Effect.provide(openStore(given, storeLayer)))
})
