import { Either } from "effect"
import { BadRequest } from "../Fault.ts"

/** Which query parameters an operation has, and which of them may come more than once. */
export interface SearchParamNames {
  readonly names: ReadonlySet<string>
  readonly repeatable: ReadonlySet<string>
}

const shown = (raw: string): string => (raw.length <= 64 ? raw : `${raw.slice(0, 64)}…`)

const unencoded = /[^\x21-\x7e]/

/** A name or value of a query string, decoded; undefined when it is not percent-encoded UTF-8. */
export const decodeSearchText = (raw: string): string | undefined => {
  if (unencoded.test(raw)) return undefined
  try {
    return decodeURIComponent(raw.replaceAll("+", " "))
  } catch {
    return undefined
  }
}

const refuse = (message: string, details?: string) =>
  Either.left(new BadRequest(details === undefined ? { message } : { message, details }))

const readPair = (
  pair: string,
  names: ReadonlySet<string>
): Either.Either<[name: string, value: string], BadRequest> => {
  const equals = pair.indexOf("=")
  const rawName = equals === -1 ? pair : pair.slice(0, equals)
  const name = decodeSearchText(rawName)
  if (name === "") return refuse("A query parameter has a value and no name.")
  if (name === undefined || !names.has(name)) {
    return refuse(
      `The query parameter ${shown(name ?? rawName)} is not known here.`,
      names.size === 0 ? "There are none." : `Known are: ${[...names].join(" ")}.`
    )
  }
  const value = decodeSearchText(equals === -1 ? "" : pair.slice(equals + 1))
  if (value === undefined) return refuse(`The query parameter ${name} must be percent-encoded UTF-8.`)
  if (value === "") return refuse(`The query parameter ${name} is empty; leave it out, or give it a value.`)
  return Either.right([name, value])
}

/**
 * The parameters of a raw query string, the repeatable ones as arrays; `BadRequest` naming the first that is unknown,
 * repeated, empty, or not percent-encoded UTF-8 (docs/api.md, Filters).
 *
 * `URLSearchParams` would replace bad UTF-8 and so filter by something that nobody asked for.
 */
export const parseSearchParams = (
  search: string,
  { names, repeatable }: SearchParamNames
): Either.Either<Record<string, string | ReadonlyArray<string>>, BadRequest> => {
  const params: Record<string, string | ReadonlyArray<string>> = {}
  for (const pair of search.split("&")) {
    if (pair === "") continue
    const read = readPair(pair, names)
    if (Either.isLeft(read)) return Either.left(read.left)
    const [name, value] = read.right
    const before = params[name]
    if (repeatable.has(name)) params[name] = [...(before ?? []), value]
    else if (before === undefined) params[name] = value
    else return refuse(`The query parameter ${name} must be given only once.`)
  }
  return Either.right(params)
}
