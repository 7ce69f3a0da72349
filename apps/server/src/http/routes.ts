import { AccountId, BadMethod, type Fault, ItemNotFound } from "@backup-catalog/core"
import { CatalogApi } from "@backup-catalog/core/http"
import { HttpApi } from "@effect/platform"
import { Schema } from "effect"

interface Route {
  readonly segments: ReadonlyArray<string>
  readonly methods: ReadonlyArray<string>
}

/** The paths outside the API definition: what renders it. */
export const DOCUMENT_PATH = "/openapi.json"
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

const segmentFits = (pattern: string, segment: string): boolean =>
  pattern === ":accountId" ? isAccount(segment) : pattern.startsWith(":") ? segment !== "" : segment === pattern

const fits = (path: ReadonlyArray<string>, { segments }: Route): boolean =>
  path.length === segments.length && segments.every((pattern, n) => segmentFits(pattern, path[n] ?? ""))

// Decoded piece by piece: an encoded slash separates nothing (contract §1).
const decodeSegments = (path: string): ReadonlyArray<string> => {
  try {
    return path.split("/").map(decodeURIComponent)
  } catch {
    return []
  }
}

const methodsAt = (path: string): ReadonlyArray<string> => {
  if (path === "*") return ["GET", "HEAD", "OPTIONS"]
  const segments = decodeSegments(path)
  return [...new Set(routes.filter((route) => fits(segments, route)).flatMap(({ methods }) => methods))]
}

/** What becomes of a method and a path before anything else is looked at (contract §2, order). */
export type Routed =
  | { readonly _tag: "Operation" }
  | { readonly _tag: "Options"; readonly allow: ReadonlyArray<string> }
  | { readonly _tag: "Unroutable"; readonly fault: Fault }

/** Whether an operation takes a method and a path: else 404 where the path is unknown, 405 where only the method is. */
export const route = (method: string, path: string): Routed => {
  const allow = methodsAt(path)
  if (allow.length === 0) {
    const message = "There is nothing at this path; GET / lists the versions of the API."
    return { _tag: "Unroutable", fault: new ItemNotFound({ message }) }
  }
  if (method === "OPTIONS") return { _tag: "Options", allow }
  if (allow.includes(method)) return { _tag: "Operation" }
  const message = `This resource does not have the method ${method}.`
  return { _tag: "Unroutable", fault: new BadMethod({ message, allow }) }
}
