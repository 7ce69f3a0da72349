import { MAX_MARKER_LENGTH, type Marker } from "../Marker.ts"
import { decodeSearchText } from "./SearchParams.ts"

const nameOf = (pair: string): string | undefined => decodeSearchText(pair.split("=", 1)[0] ?? "")

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

const toBase64Url = (ascii: string): string => btoa(ascii).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")

const fromBase64Url = (encoded: string): string | undefined => {
  try {
    return atob(encoded.replaceAll("-", "+").replaceAll("_", "/"))
  } catch {
    return undefined
  }
}

/** Up to this length a marker has the question with it; a longer one would be refused. */
const withQuestion = (others: string, marker: Marker): string => {
  const question = questionIn(others).join("&")
  const whole = question === "" ? marker : `${marker}~${toBase64Url(question)}`
  return whole.length <= MAX_MARKER_LENGTH ? whole : marker
}

/**
 * A query string without a marker, with one: what a `next` link carries, and so the same list from there on. The marker
 * has the question with it, behind `~`, since there are clients that give back nothing else.
 */
export const withMarker = (others: string, marker: Marker): string =>
  others === "" ? `marker=${marker}` : `${others}&marker=${withQuestion(others, marker)}`

const continuing = /^marker=([a-z]\d\.[A-Za-z0-9._-]+)(?:~|%7[eE])([A-Za-z0-9_-]+)$/

/**
 * The query string that a request means which goes on from a marker of ours: what the question had of its own, and the
 * request leaves out, is in the marker (docs/api.md, Pages). Any other query string stays as it is.
 */
export const continued = (search: string): string => {
  if (!/~|%7[eE]/.test(search)) return search
  const pairs = pairsOf(search)
  const at = pairs.findIndex((pair) => continuing.test(pair))
  const [, marker, encoded = ""] = continuing.exec(pairs[at] ?? "") ?? []
  const question = fromBase64Url(encoded)
  if (marker === undefined || question === undefined || toBase64Url(question) !== encoded) return search
  const others = pairs.toSpliced(at, 1)
  const given = new Set(others.map(nameOf))
  const missing = questionIn(question).filter((pair) => !given.has(nameOf(pair)))
  return [...missing, ...others, `marker=${marker}`].join("&")
}
