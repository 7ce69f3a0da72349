import { ParseResult } from "effect"

/** The most of a name or a value that is quoted, in characters. */
const SHOWN = 64

// Half of a character beyond U+FFFF is no text that every reader of JSON takes.
const cut = (text: string): string =>
  text.length <= SHOWN ? text : `${text.slice(0, SHOWN).replace(/[\ud800-\udbff]$/, "")}…`

const formatPath = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`
    return text === "" ? cut(String(key)) : `${text}.${cut(String(key))}`
  }, "")

const kind = /^Expected (.*), actual (.*)$/s
const unexpected = /^is unexpected, expected: (.*)$/s

// What the library calls a type, as a reader would; its names of schemas mean nothing to one.
const wanted = (type: string): string | undefined => {
  if (type === "string") return "a text"
  if (type === "number") return "a number"
  if (type === "boolean") return "true or false"
  if (type.startsWith("ReadonlyArray<") || type.startsWith("Array<")) return "an array"
  return /^(?:Struct|\{|\w+(?:Body|Answer|Encoded)\b)/.test(type) ? "an object" : undefined
}

const describe = ({ path, message }: ParseResult.ArrayFormatterIssue, whole: string, quotes: boolean): string => {
  const member = formatPath(path) || whole
  const [, type = "", actual] = kind.exec(message) ?? []
  if (actual !== undefined) {
    const must = wanted(type)
    if (!quotes) return `${member} ${must === undefined ? "is not what it must be" : `must be ${must}`}`
    const shown = cut(actual)
    return must === undefined
      ? `${member} is ${shown}, which is not what it must be`
      : `${member} must be ${must}, and is ${shown}`
  }
  const known = unexpected.exec(message)?.[1]
  if (known !== undefined) return `${member} is not known; known are ${known.replace(/"| \|/g, "")}`
  return /^(must|is) /.test(message) ? `${member} ${message}` : `${member}: ${message}`
}

/** Where the first thing is that is wrong. */
const pathOf = (issue: ParseResult.ParseIssue): ReadonlyArray<PropertyKey> => {
  switch (issue._tag) {
    case "Pointer":
      return [...[issue.path].flat(), ...pathOf(issue.issue)]
    case "Composite": {
      const [first] = [issue.issues].flat()
      return first === undefined ? [] : pathOf(first)
    }
    case "Refinement":
    case "Transformation":
      return pathOf(issue.issue)
    default:
      return []
  }
}

const issuesOf = (error: ParseResult.ParseError): ReadonlyArray<ParseResult.ArrayFormatterIssue> => {
  try {
    return ParseResult.ArrayFormatter.formatErrorSync(error)
  } catch {
    // A value that is nested thousands of levels deep cannot be written, and so not be quoted.
    return [
      {
        _tag: "Type",
        path: pathOf(error.issue),
        message: "is not what it must be, but nested thousands of levels deep"
      }
    ]
  }
}

const firstOf = (error: ParseResult.ParseError, whole: string, quotes: boolean): string => {
  const [issue] = issuesOf(error)
  return issue === undefined ? `${whole} is not what it must be` : describe(issue, whole, quotes)
}

/**
 * What is wrong with a value, as the main part of a sentence that begins with the member at fault:
 * `backups[3].created must be a time such as 2014-06-19T15:56:58`. `whole` stands for the value itself.
 */
export const describeParseError = (error: ParseResult.ParseError, whole: string): string => firstOf(error, whole, true)

/** The same of a value that may hold a secret: nothing of it is quoted but the names of its members. */
export const describeSecretParseError = (error: ParseResult.ParseError, whole: string): string =>
  firstOf(error, whole, false)

/** All that is wrong with a value, once for each member. */
export const describeParseErrors = (error: ParseResult.ParseError, whole: string): string => {
  const described = new Map<string, string>()
  for (const issue of issuesOf(error)) {
    const member = formatPath(issue.path)
    // Where a member may be one thing or another, only the first, and the closest, is of use to a reader.
    const known = [...described.keys()].some((other) => other === member || other.startsWith(`${member}.`))
    if (!known) described.set(member, describe(issue, whole, true))
  }
  return [...described.values()].join("; ") || `${whole} is not what it must be`
}
