import { ServiceUnavailable } from "@backup-catalog/core"
import { CatalogApi, ImportAnswer } from "@backup-catalog/core/http"
import { StoreImports } from "@backup-catalog/core/store"
import { HttpApiBuilder } from "@effect/platform"
import { Effect, Option, Schema } from "effect"
import { importEntries } from "../imports/importEntries.ts"
import { ImportSlots } from "../limits/ImportSlots.ts"
import { incoming, toResponse } from "./Answer.ts"
import { askedOf, linksTo } from "./listAnswer.ts"
import { PublicUrl } from "./PublicUrl.ts"

const encodeAnswer = Schema.encodeSync(ImportAnswer)

const tooMany = new ServiceUnavailable({
  message: "The server runs as many imports as it can; try again in a few seconds.",
  retryAfter: 5
})

/** Imports of whole sources, and what they leave behind. */
export const ImportsHandlers = HttpApiBuilder.group(CatalogApi, "imports", (handlers) =>
  Effect.gen(function* () {
    const imports = yield* StoreImports
    const publicUrl = yield* PublicUrl
    const slots = yield* ImportSlots

    return handlers
      .handleRaw("runImport", ({ path: { accountId }, urlParams, request }) =>
        Effect.gen(function* () {
          const node = incoming(request)
          const entries = yield* importEntries(node, accountId)
          const done = yield* slots(imports.run(accountId, urlParams, entries))
          if (Option.isNone(done)) {
            node.resume()
            return yield* tooMany
          }
          return toResponse({
            status: 200,
            headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
            body: `${JSON.stringify(encodeAnswer({ import: done.value }))}\n`
          })
        }).pipe(Effect.tapError(() => Effect.sync(() => incoming(request).resume())))
      )
      .handle("listImports", ({ path: { accountId }, urlParams, request }) =>
        Effect.map(imports.list(accountId, urlParams, urlParams), (page) => ({
          imports: page.imports,
          ...linksTo(askedOf(publicUrl, incoming(request)), page.next)
        }))
      )
      .handle("showImport", ({ path: { accountId, importId } }) =>
        Effect.map(imports.get(accountId, importId), (found) => ({ import: found }))
      )
      .handle("history", ({ path: { accountId, backupId }, urlParams, request }) =>
        Effect.map(imports.history(accountId, backupId, urlParams), ({ origins, history, next }) => ({
          origins,
          history,
          ...linksTo(askedOf(publicUrl, incoming(request)), next)
        }))
      )
  })
)
