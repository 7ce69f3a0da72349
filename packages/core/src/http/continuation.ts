import { decodeBase64Url, encodeBase64Url } from "../base64Url.ts"
import { MAX_MARKER_LENGTH, type Marker } from "../Marker.ts"
import { remembered } from "./remembered.ts"
import { decodeSearchText } from "./SearchParams.ts"

const nameOf = (pair: string): string | undefined => {
  const name = pair.split("=", 1)[0] ?? ""
  return /[%+]/.test(name) ? decodeSearchText(name) : name
}

const pairsOf = (search: string): ReadonlyArray<string> => search.split("&").filter((pair) => pair !== "")

/** A query string without its marker. */
export const withoutMarker = (search: string): string =>
  pairsOf(search)
    .filter((pair) => nameOf(pair) !== "marker")
    .join("&")

/** What a query asks for, whatever the page: no marker and no limit. */
const questionIn = (search: string): ReadonlyArray<string> =>
  pairsOf(search).filter((pair) => {
    const name = nameOf(pair)
    return name !== "marker" && name !== "limit"
  })

/** What stands in front of a marker for the question of a query; nothing, where it asks for all. */
const prefixOf = remembered((others: string): string => {
  const question = questionIn(others).join("&")
  return question === "" ? "" : `q1.${encodeBase64Url(question)}.`
})

/**
 * A query string without a marker, with one: what a `next` link carries, and so the same list from there on. The marker
 * has the question with it, since there are clients that give back nothing else: `q1.`, the other parameters but
 * `limit` in base64url, `.`, and the marker itself. It has not where it would be too long.
 */
export const withMarker = (others: string, marker: Marker): string => {
  if (others === "") return `marker=${marker}`
  const whole = prefixOf(others) + marker
  return `${others}&marker=${whole.length <= MAX_MARKER_LENGTH ? whole : marker}`
}

interface Question {
  readonly pairs: ReadonlyArray<{ readonly pair: string; readonly name: string | undefined }>
}

const NO_QUESTION: Question = { pairs: [] }

/** The question that stands in front of a marker; none in anything that is not exactly what we wrote. */
const questionOf = remembered((encoded: string): Question => {
  const text = decodeBase64Url(encoded)
  if (text === undefined || encodeBase64Url(text) !== encoded || !/^[\x21-\x7e]+$/.test(text)) return NO_QUESTION
  const pairs = questionIn(text).map((pair) => ({ pair, name: nameOf(pair) }))
  const isWhole = pairs.every(({ pair, name }) => name !== "" && pair.includes("="))
  return isWhole && pairs.map(({ pair }) => pair).join("&") === text ? { pairs } : NO_QUESTION
})

const continuing = /^marker=q1\.([A-Za-z0-9_-]+)\.(.+)$/

/**
 * The query string that a request means which goes on from a marker of ours: what the question had of its own, and the
 * request leaves out, is in the marker (docs/api.md, Pages). Any other query string stays as it is.
 */
export const continued = (search: string): string => {
  if (!search.includes("marker=q1.")) return search
  const pairs = pairsOf(search)
  const at = pairs.findIndex((pair) => continuing.test(pair))
  const [, encoded = "", marker] = continuing.exec(pairs[at] ?? "") ?? []
  const question = questionOf(encoded)
  if (marker === undefined || question === NO_QUESTION) return search
  const others = pairs.toSpliced(at, 1)
  const given = new Set(others.map(nameOf))
  const missing = question.pairs.flatMap(({ pair, name }) => (given.has(name) ? [] : [pair]))
  return [...missing, ...others, `marker=${marker}`].join("&")
}
