import { ParseResult } from "effect"

const formatPath = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`
    return text === "" ? String(key) : `${text}.${String(key)}`
  }, "")

/**
 * What is wrong with a value, as the main part of a sentence that begins with the member at fault:
 * `backups[3].created must be a time such as 2014-06-19T15:56:58`. `whole` stands for the value itself.
 */
export const describeParseError = (error: ParseResult.ParseError, whole: string): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const member = formatPath(issue?.path ?? []) || whole
  const message = issue?.message ?? "is not what the contract says"
  return /^(must|is) /.test(message) ? `${member} ${message}` : `${member}: ${message}`
}
