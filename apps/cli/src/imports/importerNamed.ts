import type { Importer } from "@backup-catalog/sources"
import { Effect } from "effect"
import { UsageError } from "../outcomes/UsageError.ts"

/**
 * The importer of a name, such as `pgbackrest`.
 *
 * The importers are loaded only here: most runs of the program need nothing of them.
 */
export const importerNamed = (name: string): Effect.Effect<Importer, UsageError> =>
  Effect.flatMap(
    Effect.promise(() => import("@backup-catalog/sources")),
    ({ importers }) => {
      const found = importers.find((importer) => importer.name === name)
      if (found !== undefined) return Effect.succeed(found)
      const names = importers.map((importer) => importer.name).join(" ")
      return new UsageError({ message: `There is no importer ${name}; there are ${names}.` })
    }
  )
