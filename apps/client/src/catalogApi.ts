import type { CatalogError } from "@backup-catalog/core"
import { CatalogApi } from "@backup-catalog/core/http"
import { HttpApiClient, type HttpClient, type HttpClientError } from "@effect/platform"
import type { Scope } from "effect"
import type { Attempt } from "./Attempt.ts"

/** The operations of the contract over a client; each attempt at one has an `Attempt`. */
export const makeCatalogApi = (
  httpClient: HttpClient.HttpClient.With<HttpClientError.HttpClientError | CatalogError, Attempt | Scope.Scope>
) => HttpApiClient.makeWith(CatalogApi, { httpClient })
