import { Either, ParseResult, Predicate, Schema } from "effect"
import type { Problem } from "../Importer.ts"
import { plainText, shownText } from "../records/recordText.ts"

/** A member that may be missing or null. */
export const maybe = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))

/** A text that is not empty. */
export const someText = Schema.String.pipe(Schema.minLength(1))

type Path = ReadonlyArray<PropertyKey>

const read = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, key) => (Predicate.isRecord(inner) && Object.hasOwn(inner, key) ? inner[String(key)] : undefined),
    value
  )

const without = (value: unknown, [key, ...rest]: Path): unknown => {
  if (!Predicate.isRecord(value) || key === undefined) return value
  const { [String(key)]: inner, ...others } = value
  return rest.length === 0 ? others : { ...others, [key]: without(inner, rest) }
}

const shown = (value: unknown): string => {
  if (value === undefined) return "missing"
  if (Array.isArray(value)) return "a list"
  if (Predicate.isRecord(value)) return "an object"
  return shownText(typeof value === "string" ? JSON.stringify(value) : String(value))
}

const named = (path: Path): string => plainText(path.map(String).join("."))

/** The paths that an error blames, without those that are only blamed for what is inside them. */
const blamed = (error: ParseResult.ParseError): ReadonlyArray<Path> => {
  const paths = ParseResult.ArrayFormatter.formatErrorSync(error).map((issue) => issue.path)
  const isInside = (inner: Path, outer: Path) =>
    inner.length > outer.length && outer.every((key, index) => inner[index] === key)
  return paths.filter((path) => !paths.some((other) => isInside(other, path)))
}

/**
 * The longest beginning of a path that names a member of objects; an element of a list stands or falls with the list.
 */
const memberOf = (value: unknown, path: Path): Path => {
  for (let length = path.length; length > 0; length--) {
    const member = path.slice(0, length)
    if (read(value, member) !== undefined) return member
  }
  return []
}

/** What is wrong with a member, by the path that is blamed: itself, or what an object cannot do without. */
const wrongWith = (value: unknown, member: Path, path: Path): string =>
  path.length > member.length && Predicate.isRecord(read(value, path.slice(0, -1)))
    ? `its ${named(path.slice(member.length))} is ${shown(read(value, path))}`
    : `it is ${shown(read(value, member))}`

/** What could be read of an entry, and what could not. */
export interface DecodedEntry<A> {
  /** Undefined when the entry cannot do without what is wrong in it. */
  readonly value: A | undefined
  readonly problems: ReadonlyArray<Problem>
}

/** Whether a member is what one of some paths names, or something on the way to that. */
const leadsTo = (paths: ReadonlyArray<string>, member: Path): boolean =>
  paths.some((path) => `${path}.`.startsWith(`${member.map(String).join(".")}.`))

/**
 * Reads an entry as far as it can be read: a member that is not as it should be is left out and reported. The whole
 * entry is when the schema cannot do without it, or when it is one of `vital`, such as `database.repo-key`: without
 * those it would be taken for another one, or for better than it is. That a vital member is missing says nothing.
 */
export const decodeEntry = <A, I>(
  schema: Schema.Schema<A, I>,
  entry: unknown,
  place: string,
  vital: ReadonlyArray<string> = []
): DecodedEntry<A> => {
  const decode = Schema.decodeUnknownEither(schema, { errors: "all" })
  const problems: Array<Problem> = []
  let rest = entry
  for (;;) {
    const result = decode(rest)
    if (Either.isRight(result)) return { value: result.right, problems }
    const paths = blamed(result.left)
    const indispensable = paths.find((path) => {
      const member = memberOf(rest, path)
      return member.length === 0 || leadsTo(vital, member)
    })
    if (indispensable !== undefined) {
      const what = indispensable.length === 0 ? "it" : `its ${named(indispensable)}`
      const message = `${what} is ${shown(read(entry, indispensable))}, so it was left out`
      return { value: undefined, problems: [{ place, message }] }
    }
    // A union blames a member once for each of its schemas, but it is left out once.
    const members = new Map(
      paths.map((path) => [memberOf(rest, path), path] as const).map((found) => [JSON.stringify(found[0]), found])
    )
    for (const [member, path] of members.values()) {
      problems.push({
        place: `${place}.${named(member)}`,
        message: `${wrongWith(rest, member, path)}, so it was ignored`
      })
      rest = without(rest, member)
    }
  }
}
