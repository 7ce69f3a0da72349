import { Predicate } from "effect"

const levels: ReadonlySet<string> = new Set(["_DEBUG", "_INFO", "_WARNING", "_ERROR", "_EXCEPTION"])

/** Whether a member is of Barman's own messages; the name of a server may begin with `_`, too. */
export const isMessages = ([key, value]: readonly [string, unknown]): boolean =>
  levels.has(key) && Array.isArray(value) && value.every((message) => typeof message === "string")

/**
 * The servers in an answer of `barman -f json`: all members but those of Barman's own messages; undefined for no
 * object.
 */
export const serversOf = (value: unknown): ReadonlyArray<readonly [string, unknown]> | undefined =>
  Predicate.isRecord(value) ? Object.entries(value).filter((member) => !isMessages(member)) : undefined

/** Barman's own messages of one level, `_ERROR` or `_INFO`, in an answer of `barman -f json`. */
export const barmanMessages = (value: unknown, level: string): ReadonlyArray<string> => {
  const messages = Predicate.isRecord(value) && Object.hasOwn(value, level) ? value[level] : []
  return (Array.isArray(messages) ? messages : [messages]).map(String)
}
