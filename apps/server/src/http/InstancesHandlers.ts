import type { Instance } from "@backup-catalog/core"
import { CatalogApi } from "@backup-catalog/core/http"
import { StoreCatalog } from "@backup-catalog/core/store"
import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { incoming, toResponse } from "./Answer.ts"
import { conditionalList } from "./conditionalList.ts"
import { EntityTags } from "./EntityTags.ts"
import { askedOf, linksTo } from "./listAnswer.ts"
import { PageMemory } from "./PageMemory.ts"
import { PublicUrl } from "./PublicUrl.ts"

const toRecord = ({ id, datastore }: Instance) => ({ id, name: id, datastore })

/** What the backups of an account tell of its instances. */
export const InstancesHandlers = HttpApiBuilder.group(CatalogApi, "instances", (handlers) =>
  Effect.gen(function* () {
    const catalog = yield* StoreCatalog
    const publicUrl = yield* PublicUrl
    const tags = yield* EntityTags
    const memory = yield* PageMemory

    return handlers
      .handle("listInstances", ({ path: { accountId }, urlParams, request }) =>
        Effect.map(catalog.listInstances(accountId, urlParams), ({ instances, next }) => ({
          instances: instances.map(toRecord),
          ...linksTo(askedOf(publicUrl, incoming(request)), next)
        }))
      )
      .handle("showInstance", ({ path: { accountId, instanceId } }) =>
        Effect.map(catalog.getInstance(accountId, instanceId), (instance) => ({ instance: toRecord(instance) }))
      )
      .handle("listOfInstance", ({ path: { accountId, instanceId }, urlParams, request }) =>
        Effect.map(
          conditionalList(tags, memory, {
            asked: askedOf(publicUrl, incoming(request)),
            ifNoneMatch: request.headers["if-none-match"],
            version: catalog.version(accountId),
            page: catalog.listOfInstanceEncoded(accountId, instanceId, urlParams, urlParams)
          }),
          toResponse
        )
      )
  })
)
