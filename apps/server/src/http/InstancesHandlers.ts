import {
  type AccountId,
  type Fault,
  type Instance,
  type InstanceId,
  type Marker,
  StoreCatalog
} from "@backup-catalog/core"
import { CatalogApi } from "@backup-catalog/core/http"
import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { incoming, toResponse } from "./Answer.ts"
import { conditionalList } from "./conditionalList.ts"
import { EntityTags } from "./EntityTags.ts"
import { instanceOfMarker, markerOfInstance, unknownInstanceMarker } from "./instanceMarker.ts"
import { askedOf, nextLink } from "./listAnswer.ts"
import { PublicUrl } from "./PublicUrl.ts"

const toRecord = ({ id, datastore }: Instance) => ({ id, name: id, datastore })

/** What the backups of an account tell of its instances. */
export const InstancesHandlers = HttpApiBuilder.group(CatalogApi, "instances", (handlers) =>
  Effect.gen(function* () {
    const catalog = yield* StoreCatalog
    const publicUrl = yield* PublicUrl
    const tags = yield* EntityTags

    const resolve = (account: AccountId, marker: Marker): Effect.Effect<InstanceId, Fault> => {
      const found = instanceOfMarker(marker)
      if (found === undefined) return unknownInstanceMarker
      if (!found.mustExist) return Effect.succeed(found.id)
      return Effect.as(
        Effect.catchTag(catalog.getInstance(account, found.id), "ItemNotFound", () => unknownInstanceMarker),
        found.id
      )
    }

    return handlers
      .handle("listInstances", ({ path: { accountId }, urlParams: { limit, marker }, request }) =>
        Effect.gen(function* () {
          const after = marker === undefined ? undefined : yield* resolve(accountId, marker)
          const { instances, next } = yield* catalog.listInstances(accountId, {
            ...(limit === undefined ? {} : { limit }),
            ...(after === undefined ? {} : { after })
          })
          const asked = askedOf(publicUrl, incoming(request))
          return {
            instances: instances.map(toRecord),
            ...(next === undefined ? {} : { links: [nextLink(asked, markerOfInstance(next))] })
          }
        })
      )
      .handle("showInstance", ({ path: { accountId, instanceId } }) =>
        Effect.map(catalog.getInstance(accountId, instanceId), (instance) => ({ instance: toRecord(instance) }))
      )
      .handle("listOfInstance", ({ path: { accountId, instanceId }, urlParams, request }) =>
        Effect.map(
          conditionalList(tags, {
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
