/** A part of a pattern of paths. */
export type Token =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "name"; readonly name: "instance" | "database" }
  /** Any characters, of one part of the path or of several. */
  | { readonly kind: "any"; readonly several: boolean }
  | { readonly kind: "date" }

/** The names that a path has by a pattern. */
export type Names = Readonly<Record<string, string>>

// The day as 2026-11-23, 20261123, 2026_11_23 or 2026.11.23, with or without a time and a zone behind it: the most
// first.
const day = String.raw`\d{4}(?:\d{4}|-\d{2}-\d{2}|_\d{2}_\d{2}|\.\d{2}\.\d{2})`
const hour = String.raw`[T_ .@-]?\d{2}`
const minute = String.raw`${hour}[:.h_-]?\d{2}`
const second = String.raw`${minute}[:.m_-]?\d{2}`
const dates = [String.raw`${second}[.,]\d+`, second, minute, hour, ""].flatMap((time) =>
  [String.raw`(?:Z|[+-]\d{2}:?\d{2})`, ""].map((zone) => new RegExp(day + time + zone, "y"))
)

function* endsOfDate(path: string, start: number): Generator<number, void> {
  for (const form of dates) {
    form.lastIndex = start
    if (form.test(path)) yield form.lastIndex
  }
}

const widthAt = (path: string, at: number): number => ((path.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)

function* endsOfCharacters(path: string, least: number, several: boolean): Generator<number, void> {
  for (let end = least; end <= path.length; end += widthAt(path, end)) {
    yield end
    if (!several && path[end] === "/") return
  }
}

const endsOfText = (path: string, start: number, text: string): Iterable<number> =>
  path.startsWith(text, start) ? [start + text.length] : []

/** Where a token that begins at a place of a path may end, in the order in which that is tried. */
const endsOf = (token: Token, path: string, start: number, known: Names): Iterable<number> => {
  if (token.kind === "text") return endsOfText(path, start, token.text)
  if (token.kind === "date") return endsOfDate(path, start)
  if (token.kind === "any") return endsOfCharacters(path, start, token.several)
  const before = known[token.name]
  if (before !== undefined) return endsOfText(path, start, before)
  return path[start] === "/" ? [] : endsOfCharacters(path, start + widthAt(path, start), false)
}

const withName = (known: Names, token: Token, text: string): Names =>
  token.kind === "name" ? { ...known, [token.name]: text } : known

/**
 * Tells the names that a path has by a pattern, each of as few characters as do, from the left; undefined where the path
 * does not fit. What did not fit once is not tried again: otherwise a few `*` and one long name would take days.
 */
export const tokenMatcher = (tokens: ReadonlyArray<Token>): ((path: string) => Names | undefined) => {
  const names = tokens.flatMap((token) => (token.kind === "name" ? [token.name] : []))
  const isRepeating = new Set(names).size < names.length

  // Only a name that comes again tells what is behind it apart.
  const knownLater = (n: number, known: Names): string =>
    JSON.stringify(tokens.slice(n).flatMap((one) => (one.kind === "name" ? [known[one.name]] : [])))

  return (path) => {
    const failed = new Set<number | string>()
    const matchFrom = (n: number, start: number, known: Names): Names | undefined => {
      const token = tokens[n]
      if (token === undefined) return start === path.length ? known : undefined
      const place = n * (path.length + 1) + start
      const state = isRepeating ? `${place} ${knownLater(n, known)}` : place
      if (failed.has(state)) return undefined
      for (const end of endsOf(token, path, start, known)) {
        const found = matchFrom(n + 1, end, withName(known, token, path.slice(start, end)))
        if (found !== undefined) return found
      }
      failed.add(state)
      return undefined
    }
    return matchFrom(0, 0, {})
  }
}
