import type { IncomingMessage } from "node:http"
import { StoreCatalog } from "@backup-catalog/core"
import { CatalogApi } from "@backup-catalog/core/http"
import { HttpApiBuilder, type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServerRequest } from "@effect/platform-node"
import { Effect } from "effect"
import { LIST_HEADERS, listAnswer } from "./listAnswer.ts"
import { PublicUrl } from "./PublicUrl.ts"
import { searchOf } from "./requestTarget.ts"

const incoming = (request: HttpServerRequest.HttpServerRequest): IncomingMessage =>
  NodeHttpServerRequest.toIncomingMessage(request)

/** The operations on the backups of an account. */
export const BackupsHandlers = HttpApiBuilder.group(CatalogApi, "backups", (handlers) =>
  Effect.gen(function* () {
    const catalog = yield* StoreCatalog
    const publicUrl = yield* PublicUrl
    return handlers
      .handle("list", ({ path: { accountId }, urlParams, request }) =>
        Effect.map(catalog.listEncoded(accountId, urlParams, urlParams), (page) =>
          HttpServerResponse.uint8Array(
            Buffer.from(listAnswer(page, publicUrl(incoming(request)), accountId, searchOf(request.originalUrl))),
            {
              contentType: LIST_HEADERS["Content-Type"],
              headers: LIST_HEADERS
            }
          )
        )
      )
      .handle("show", ({ path: { accountId, backupId } }) =>
        Effect.map(catalog.get(accountId, backupId), (backup) => ({ backup }))
      )
  })
)
