import { Effect } from "effect"
import { LostInstances } from "../store/LostInstances.ts"
import { storeLayer } from "../store/StoreLive.ts"
import { formatCount } from "./formatCount.ts"
import { openStore } from "./openStore.ts"
import { print } from "./print.ts"
import { serverCommand } from "./ServerCommand.ts"
import { storeOptions } from "./storeOptions.ts"

/** `migrate`: brings the schema of a store up to date. */
export const migrate = serverCommand({
  name: "migrate",
  summary: "Make a store, or bring its schema up to date.",
  details:
    "serve does the same when it starts. migrate also adds to the coverage the instances that an older server left out; serve does not.",
  flags: storeOptions,
  examples: [
    ["backup-catalog-server migrate --store sqlite:/var/lib/backup-catalog/catalog.sqlite", "The store in that file."]
  ],
  run: (given) =>
    Effect.gen(function* () {
      yield* print("The store is there, and its schema is up to date.")
      const added = yield* Effect.flatMap(LostInstances, ({ add }) => add)
      if (added > 0)
        yield* print(`Instances that have backups and were not in the coverage: ${formatCount(added)} added.`)
    }).pipe(Effect.provide(openStore(given, storeLayer)))
})
