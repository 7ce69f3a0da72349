import { type AccountOperation, CatalogApi } from "@backup-catalog/core/http"
import { HttpApi } from "@effect/platform"
import { accountOperations } from "./accountOperations.ts"

/** Whether an endpoint is an operation on what belongs to an account. */
export const isAccountOperation = (name: string): name is AccountOperation => Object.hasOwn(accountOperations, name)

const operations: ReadonlyMap<string, AccountOperation> = (() => {
  const byRoute = new Map<string, AccountOperation>()
  HttpApi.reflect(CatalogApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint: { name, method, path } }) => {
      if (isAccountOperation(name)) byRoute.set(`${method} ${path}`, name)
    }
  })
  return byRoute
})()

/** The operation that a route of the API belongs to, by the method and the path it was declared with. */
export const operationOf = ({ method, path }: { readonly method: string; readonly path: string }): AccountOperation => {
  // The router answers HEAD by the route of GET.
  const operation = operations.get(`${method === "HEAD" ? "GET" : method} ${path}`)
  if (operation === undefined) throw new Error(`the route ${method} ${path} belongs to no operation`)
  return operation
}
