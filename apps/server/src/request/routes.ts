import { AccountId, BadMethod, type Fault, ItemNotFound } from "@backup-catalog/core"
import { CatalogApi } from "@backup-catalog/core/http"
import { HttpApi } from "@effect/platform"
import { Schema } from "effect"
import { notOffered } from "./troveOperations.ts"

interface Route {
  readonly segments: ReadonlyArray<string>
  readonly methods: ReadonlyArray<string>
}

/** Where the OpenAPI document of the API is, outside its definition. */
export const DOCUMENT_PATH = "/openapi.json"

/** Where that document is shown as a page, likewise. */
export const DOCS_PATH = "/docs"

const routes: ReadonlyArray<Route> = (() => {
  const methods = new Map<string, Set<string>>([
    [DOCUMENT_PATH, new Set(["GET"])],
    [DOCS_PATH, new Set(["GET"])]
  ])
  HttpApi.reflect(CatalogApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint: { method, path } }) => {
      methods.set(path, (methods.get(path) ?? new Set()).add(method))
    }
  })
  return [...methods].map(([path, of]) => ({
    segments: path.split("/"),
    methods: [...of].flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).concat("OPTIONS")
  }))
})()

const isAccount = Schema.is(AccountId)

/** An id has 255 characters, each of at most two units; the router itself knows no path with a longer segment. */
const MAX_SEGMENT = 510

const segmentFits = (pattern: string, segment: string): boolean => {
  if (pattern === ":accountId") return isAccount(segment)
  return pattern.startsWith(":") ? segment !== "" && segment.length <= MAX_SEGMENT : segment === pattern
}

const fits = (path: ReadonlyArray<string>, { segments }: Route): boolean =>
  path.length === segments.length && segments.every((pattern, n) => segmentFits(pattern, path[n] ?? ""))

// Decoded piece by piece: an encoded slash separates nothing (docs/api.md).
const decodeSegments = (path: string): ReadonlyArray<string> => {
  try {
    return path.split("/").map(decodeURIComponent)
  } catch {
    return []
  }
}

const methodsOf = (segments: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(routes.filter((route) => fits(segments, route)).flatMap(({ methods }) => methods))
]

/** The path that an operation at a path was declared with; undefined where there is none. */
export const routeOf = (path: string): string | undefined => {
  const segments = decodeSegments(path)
  return routes.find((one) => fits(segments, one))?.segments.join("/")
}

/** What becomes of a method and a path before anything else is looked at (docs/api.md, The order of checks). */
export type Routed =
  | { readonly _tag: "Operation" }
  | { readonly _tag: "Options"; readonly allow: ReadonlyArray<string> }
  | { readonly _tag: "NotOffered"; readonly account: AccountId }
  | { readonly _tag: "Unroutable"; readonly fault: Fault }

/**
 * Whether an operation takes a method and a path: else 404 where the path is unknown, 501 where Trove has what is not
 * offered here, 405 where only the method is unknown.
 */
export const route = (method: string, path: string): Routed => {
  if (path === "*" && method === "OPTIONS") return { _tag: "Options", allow: ["GET", "HEAD", "OPTIONS"] }
  const segments = decodeSegments(path)
  const [root, version, account, ...rest] = segments
  const lacking = root === "" && version === "v1.0" && isAccount(account) ? notOffered(method, rest) : undefined
  const allow = lacking === "all" ? [] : methodsOf(segments)
  if (allow.length === 0 && lacking !== "all") {
    const message = "There is nothing at this path; GET / lists the versions of the API."
    return { _tag: "Unroutable", fault: new ItemNotFound({ message }) }
  }
  if (method === "OPTIONS") return { _tag: "Options", allow: allow.length === 0 ? ["OPTIONS"] : allow }
  if (allow.includes(method)) return { _tag: "Operation" }
  if (lacking !== undefined && isAccount(account)) return { _tag: "NotOffered", account }
  const message = `This resource does not have the method ${method}.`
  return { _tag: "Unroutable", fault: new BadMethod({ message, allow }) }
}
