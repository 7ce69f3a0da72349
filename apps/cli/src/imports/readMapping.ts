import type { Mapping } from "@backup-catalog/sources"
import { Effect } from "effect"
import { readYamlFile } from "../readYaml.ts"
import { UsageError } from "../UsageError.ts"

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
