import { readFile, stat } from "node:fs/promises"
import { Effect, Either, Predicate } from "effect"
import { parseDocument } from "yaml"
import { InvalidOption } from "../HttpCatalogOptions.ts"

const MAX_BYTES = 2 ** 20

/** A mapping of a YAML file: its values are texts, lists and mappings. */
export type Mapping = Readonly<Record<string, unknown>>

/** Whether a value of a YAML file is a mapping. */
export const isMapping: (value: unknown) => value is Mapping = Predicate.isRecord

/** The error for a file; `predicate` goes on after its path, and never quotes the content. */
export const invalidFile = (path: string, predicate: string): InvalidOption =>
  new InvalidOption({ option: path, message: `${path} ${predicate}.` })

const parse = (text: string): Either.Either<unknown, string> => {
  // As numbers, a password or an id made of digits would lose its leading zeros.
  const document = parseDocument(text, { schema: "failsafe", customTags: ["null"], merge: true, logLevel: "silent" })
  const [error] = document.errors
  // The parser's own message quotes the line, which may hold a password.
  if (error !== undefined) return Either.left(`is not valid YAML at line ${error.linePos?.[0].line ?? 1}`)
  return Either.try({ try: (): unknown => document.toJS(), catch: () => "has a YAML alias (*…) that leads nowhere" })
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && "code" in error && error.code === "EACCES"
    ? "cannot be read: permission is denied"
    : `cannot be read${error instanceof Error && "code" in error ? ` (${String(error.code)})` : ""}`

const hasCode = (error: unknown, ...codes: ReadonlyArray<string>): boolean =>
  error instanceof Error && "code" in error && codes.includes(String(error.code))

/** The mapping that a YAML or JSON file holds; undefined when there is no such file, an empty one when it is empty. */
export const readYaml = (path: string): Effect.Effect<Mapping | undefined, InvalidOption> =>
  Effect.gen(function* () {
    const text = yield* Effect.tryPromise({
      try: async () => {
        const found = await stat(path)
        // To read a pipe would be to wait for its writer, perhaps for ever.
        if (!found.isFile()) return { refused: "is not a regular file" }
        if (found.size > MAX_BYTES) return { refused: `is larger than ${MAX_BYTES} bytes` }
        return await readFile(path, "utf8")
      },
      catch: (error) => error
    }).pipe(
      Effect.catchAll((error) =>
        hasCode(error, "ENOENT", "ENOTDIR") ? Effect.succeed(undefined) : invalidFile(path, reasonOf(error))
      )
    )
    if (text === undefined) return undefined
    if (typeof text !== "string") return yield* invalidFile(path, text.refused)
    const parsed = parse(text.replace(/^\ufeff/, ""))
    if (Either.isLeft(parsed)) return yield* invalidFile(path, parsed.left)
    if (parsed.right === null) return {}
    return isMapping(parsed.right) ? parsed.right : yield* invalidFile(path, "must hold a mapping of keys to values")
  })
