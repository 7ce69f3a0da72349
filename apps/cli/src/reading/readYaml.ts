import { readFileSync, statSync } from "node:fs"
import { systemReason } from "@backup-catalog/command-line"
import { type Effect, Either } from "effect"
import { parseDocument } from "yaml"
import { UsageError } from "../outcomes/UsageError.ts"

const MAX_BYTES = 1024 * 1024

/** The value of a text of YAML, or of JSON, which is YAML; else what is wrong with it, as the end of a sentence. */
const parseYaml = (text: string): Either.Either<unknown, string> =>
  Either.flatMap(
    Either.try({
      try: () => {
        const document = parseDocument(text)
        const [error] = document.errors
        // An alias that stands for thousands of others is only found out here.
        return { error, value: error === undefined ? (document.toJS() as unknown) : undefined }
      },
      catch: (error) => (error instanceof Error ? error.message : String(error))
    }),
    ({ error, value }) => {
      if (error === undefined) return Either.right(value)
      if (error.name === "YAMLParseError" && error.code === "MULTIPLE_DOCS") {
        return Either.left("it has several documents, which --- parts, and must be one")
      }
      const [words = ""] = error.message.split(/ at line \d|\n/)
      const line = error.linePos?.[0].line
      return Either.left(`${line === undefined ? "" : `line ${line}: `}${words}`)
    }
  )

/** A file of YAML or JSON as it was found. */
export interface YamlFile {
  readonly value: unknown
  /** Whether its mode lets other users of the machine write it. */
  readonly writable: boolean
}

const load = (path: string): Either.Either<YamlFile, string> => {
  const found = statSync(path)
  if (!found.isFile()) return Either.left("it is not a regular file")
  if (found.size > MAX_BYTES) return Either.left(`it has more than ${MAX_BYTES} bytes`)
  const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path))
  const writable = process.platform !== "win32" && (found.mode & 0o022) !== 0
  return Either.map(parseYaml(text), (value) => ({ value, writable }))
}

const reasonOf = (error: unknown): string => (error instanceof TypeError ? "it is not UTF-8" : systemReason(error))

/** The value of a file of YAML or JSON; `what` begins the sentence of its failure: `The mapping`. */
export const readYamlFile = (what: string, path: string): Effect.Effect<YamlFile, UsageError> =>
  Either.gen(function* () {
    return yield* yield* Either.try({ try: () => load(path), catch: reasonOf })
  }).pipe(Either.mapLeft((reason) => new UsageError({ message: `${what} ${path} cannot be used: ${reason}.` })))
