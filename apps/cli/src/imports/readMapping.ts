import type { Mapping } from "@backup-catalog/sources"
import { Effect } from "effect"
import { UsageError } from "../outcomes/UsageError.ts"
import { readYamlFile } from "../reading/readYaml.ts"

/** The mapping that a file of YAML or JSON has. */
export const readMapping = (path: string): Effect.Effect<Mapping, UsageError> =>
  Effect.gen(function* () {
    const { value } = yield* readYamlFile("The mapping", path)
    const { decodeMapping } = yield* Effect.promise(() => import("@backup-catalog/sources"))
    return yield* Effect.mapError(
      decodeMapping(value),
      ({ message }) => new UsageError({ message: message.replace(/^The mapping/, `The mapping ${path}`) })
    )
  })
