import { readFileSync, statSync } from "node:fs"
import { systemReason } from "@backup-catalog/command-line"
import { type Effect, Either } from "effect"
import { type Document, LineCounter, parseDocument, visit } from "yaml"
import { UsageError } from "../outcomes/UsageError.ts"

const MAX_BYTES = 1024 * 1024

const MAX_ALIASES = 10_000

interface Wrong {
  readonly message: string
  readonly line: number | undefined
}

/** The first tag that YAML itself does not have, or that its value does not fit: what it is to mean, nobody here knows. */
const unknownTag = ({ warnings }: Document): Wrong | undefined => {
  const warning = warnings.find(({ code }) => code === "TAG_RESOLVE_FAILED")
  return (
    warning && {
      message: "it has a tag that is not known or does not fit its value; a text that begins with ! needs quotes",
      line: warning.linePos?.[0].line
    }
  )
}

/** The first alias before which there is no anchor of its name. */
const lostAlias = (document: Document, lines: LineCounter): Wrong | undefined => {
  const anchors = new Set<string>()
  let wrong: Wrong | undefined
  visit(document, {
    Value: (_, { anchor }) => {
      if (anchor !== undefined) anchors.add(anchor)
    },
    Alias: (_, { source, range }) => {
      if (anchors.has(source)) return undefined
      const message = "it has an alias that leads nowhere; what begins with * needs quotes, unless it is one"
      wrong = { message, line: range ? lines.linePos(range[0]).line : undefined }
      return visit.BREAK
    }
  })
  return wrong
}

/** What the parser finds wrong first. */
const firstError = ({ errors: [error] }: Document): Wrong | undefined => {
  if (error === undefined) return undefined
  if (error.code === "MULTIPLE_DOCS") {
    return { message: "it has several documents, which --- parts, and must be one", line: undefined }
  }
  const [message = ""] = error.message.split(/ at line \d|\n/)
  return { message, line: error.linePos?.[0].line }
}

/** The value of a text of YAML, or of JSON, which is YAML; else what is wrong with it, as the end of a sentence. */
const parseYaml = (text: string): Either.Either<unknown, string> => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  // None quotes a value, which may be a secret.
  const wrong = firstError(document) ?? unknownTag(document) ?? lostAlias(document, lines)
  if (wrong !== undefined) {
    return Either.left(wrong.line === undefined ? wrong.message : `line ${wrong.line}: ${wrong.message}`)
  }
  return Either.try({
    // The anchor itself counts as one.
    try: (): unknown => document.toJS({ maxAliasCount: MAX_ALIASES + 1 }),
    catch: () =>
      `it has more than ${MAX_ALIASES} aliases of one anchor, counted with those inside of what they stand for`
  })
}

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
