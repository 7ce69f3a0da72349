import {
  type AccountId,
  type Backup,
  type BackupId,
  encodeBackup,
  ItemNotFound,
  NotImplemented,
  type Page,
  spansAccounts
} from "@backup-catalog/core"
import { CatalogApi, CurrentIdentity, RegisterBody, UpsertBody } from "@backup-catalog/core/http"
import { type ExistingBackup, StoreCatalog } from "@backup-catalog/core/store"
import { HttpApiBuilder, type HttpServerRequest } from "@effect/platform"
import { Effect, Either, Option, Predicate } from "effect"
import { policy } from "../auth/policy.ts"
import { BodyLimit } from "../limits/BodyLimit.ts"
import { incoming, toResponse } from "./Answer.ts"
import { conditionalList, notModified } from "./conditionalList.ts"
import { EntityTags, parseCondition } from "./EntityTags.ts"
import { decodeBody, readJson } from "./jsonBody.ts"
import { askedOf, encodeRecords, LIST_HEADERS, listAnswer, listHeaders } from "./listAnswer.ts"
import { PageMemory } from "./PageMemory.ts"
import { PublicUrl } from "./PublicUrl.ts"

const decodeRegister = decodeBody(RegisterBody)
const decodeUpsert = decodeBody(UpsertBody)

const asksToTake = (body: unknown): boolean =>
  Predicate.isRecord(body) && Predicate.isRecord(body.backup) && !("restore_from" in body.backup)

const takesNone = new NotImplemented({
  message:
    "The catalog does not take backups: take it with the tool that makes them, then register it by PUT " +
    "/v1.0/{account}/backups/{id}, or by POST with restore_from."
})

/** What is said to an admin, in whose lists the backup of another account may have been, of one that is not there. */
const ofOtherAccount = (account: AccountId, id: BackupId) => (missing: ItemNotFound) =>
  Effect.flatMap(CurrentIdentity, ({ role }) =>
    policy.listOtherAccounts.includes(role)
      ? new ItemNotFound({
          message:
            `The account ${account} has no backup with the id ${id}; show and delete the backup of another account ` +
            "with a token of that account."
        })
      : missing
  )

const show = (backup: Backup, status: number, tag: string) =>
  toResponse({
    status,
    headers: listHeaders(tag),
    body: `${JSON.stringify({ backup: encodeBackup(backup) })}\n`
  })

/** The operations on the backups of an account. */
export const BackupsHandlers = HttpApiBuilder.group(CatalogApi, "backups", (handlers) =>
  Effect.gen(function* () {
    const catalog = yield* StoreCatalog
    const publicUrl = yield* PublicUrl
    const tags = yield* EntityTags
    const memory = yield* PageMemory
    const bodies = yield* BodyLimit

    const conditionOf = Effect.fnUntraced(function* (
      account: AccountId,
      { headers }: HttpServerRequest.HttpServerRequest
    ) {
      const ifMatch = yield* parseCondition("If-Match", headers["if-match"])
      const ifNoneMatch = yield* parseCondition("If-None-Match", headers["if-none-match"])
      return (before: Option.Option<ExistingBackup>): boolean =>
        (ifMatch === undefined || Option.exists(before, (old) => tags.namesRecord(ifMatch, account, old, "strong"))) &&
        !Option.exists(before, (old) => tags.namesRecord(ifNoneMatch, account, old, "weak"))
    })

    const page = (request: HttpServerRequest.HttpServerRequest, found: Page) =>
      toResponse({
        status: 200,
        headers: LIST_HEADERS,
        body: listAnswer(encodeRecords(found), askedOf(publicUrl, incoming(request)))
      })

    return handlers
      .handle("list", ({ path: { accountId }, urlParams, request }) => {
        if (spansAccounts(urlParams)) {
          return Effect.map(catalog.list(accountId, urlParams, urlParams, urlParams), (found) => page(request, found))
        }
        const question = {
          asked: askedOf(publicUrl, incoming(request)),
          ifNoneMatch: request.headers["if-none-match"],
          version: catalog.version(accountId),
          page: catalog.listEncoded(accountId, urlParams, urlParams)
        }
        return Effect.map(conditionalList(tags, memory, question), toResponse)
      })
      .handle("listDescendants", ({ path: { accountId, backupId }, urlParams, request }) =>
        catalog.listDescendants(accountId, backupId, urlParams).pipe(
          Effect.map((found) => page(request, found)),
          Effect.catchTag("ItemNotFound", ofOtherAccount(accountId, backupId))
        )
      )
      .handle("show", ({ path: { accountId, backupId }, request }) =>
        Effect.gen(function* () {
          // The version before the record: one that is written in between makes the tag too old, never too new.
          const version = yield* catalog.version(accountId)
          const header = request.headers["if-none-match"]
          const condition = Either.getOrUndefined(parseCondition("If-None-Match", header))
          const prefix = tags.recordPrefix(version, accountId, backupId)
          const known = Array.isArray(condition) ? condition.find(({ tag }) => tag.startsWith(prefix)) : undefined
          if (known !== undefined) return toResponse(notModified(known.tag))
          const backup = yield* catalog.get(accountId, backupId)
          const tag = tags.ofRecord(version, accountId, backup)
          return tags.namesAnswer(condition, tag) ? toResponse(notModified(tag)) : show(backup, 200, tag)
        }).pipe(Effect.catchTag("ItemNotFound", ofOtherAccount(accountId, backupId)))
      )
      .handleRaw("register", ({ path: { accountId }, request }) =>
        Effect.gen(function* () {
          const body = yield* readJson(incoming(request), bodies)
          if (asksToTake(body)) return yield* takesNone
          const { backup } = yield* decodeRegister(body)
          const registered = yield* catalog.register(accountId, backup)
          return show(registered, 202, tags.ofRecord(undefined, accountId, registered))
        })
      )
      .handleRaw("upsert", ({ path: { accountId, backupId }, request }) =>
        Effect.gen(function* () {
          const allowed = yield* conditionOf(accountId, request)
          const { backup } = yield* Effect.flatMap(readJson(incoming(request), bodies), decodeUpsert)
          const written = yield* catalog.upsert(accountId, backupId, backup, allowed)
          const tag = tags.ofRecord(undefined, accountId, written.backup)
          return show(written.backup, written.created ? 201 : 200, tag)
        })
      )
      .handle("remove", ({ path: { accountId, backupId }, request }) =>
        Effect.gen(function* () {
          const allowed = yield* conditionOf(accountId, request)
          yield* catalog.remove(accountId, backupId, allowed)
        }).pipe(Effect.catchTag("ItemNotFound", ofOtherAccount(accountId, backupId)))
      )
  })
)
