import type { IncomingMessage, ServerResponse } from "node:http"
import { type AccountId, StoreCatalog } from "@backup-catalog/core"
import { type ListParams, parseListParams } from "@backup-catalog/core/http"
import { Effect, Either, Runtime, RuntimeFlags } from "effect"
import { authorise, TokenVerifier } from "../auth/TokenVerifier.ts"
import { type RateDecision, RateLimiter } from "../limits/RateLimiter.ts"
import type { Answer } from "./Answer.ts"
import { conditionalList } from "./conditionalList.ts"
import { EntityTags } from "./EntityTags.ts"
import { faultAnswer } from "./faultAnswer.ts"
import { faultOfCause } from "./faultOfCause.ts"
import { asksOtherAccounts } from "./listScope.ts"
import { PublicUrl } from "./PublicUrl.ts"
import { rateFault, rateHeaders } from "./rateLimit.ts"
import { requestIdHeaders, requestIdOf } from "./requestId.ts"

// An account may not be . or .. alone; what is no account is the router's to refuse.
const plain = /^\/v1\.0\/(?!\.{1,2}\/)([A-Za-z0-9._~-]{1,255})\/backups(?:\?(.*))?$/

/** How many query strings are remembered with what they mean, and how long each may be. */
const REMEMBERED = { searches: 1000, length: 256 }

// Those who look again and again ask the same question each time. What is wrong is left to the router, and so is what
// goes beyond the account.
const makeParser = () => {
  const known = new Map<string, ListParams | undefined>()
  return (search: string): ListParams | undefined => {
    if (known.has(search)) return known.get(search)
    const parsed = asksOtherAccounts(search) ? undefined : Either.getOrUndefined(parseListParams(search))
    if (known.size >= REMEMBERED.searches) known.clear()
    if (search.length <= REMEMBERED.length) known.set(search, parsed)
    return parsed
  }
}

/** Takes a request and answers it, or returns false and leaves it alone. */
export type LeanHandler = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * Answers the list, when it is asked for in the plain way, in front of the router: the same steps in the same order
 * on the same services, without the router's request and response objects, which cost more than the list itself
 * (docs/performance.md). `HEAD`, a body, unusual spellings of the path, wrong parameters and lists of other accounts
 * are left to the router.
 */
export const makeLeanList = Effect.gen(function* () {
  const catalog = yield* StoreCatalog
  const verifier = yield* TokenVerifier
  const limiter = yield* RateLimiter
  const publicUrl = yield* PublicUrl
  const tags = yield* EntityTags
  const parse = makeParser()
  // Counting fibers costs a good part of starting one, and nobody reads the counts.
  const runtime = Runtime.disableRuntimeFlag(yield* Effect.runtime<never>(), RuntimeFlags.RuntimeMetrics)
  const runCallback = Runtime.runCallback(runtime)

  const answer = (request: IncomingMessage, account: AccountId, search: string, params: ListParams) => {
    let rate: RateDecision | undefined
    const list = Effect.suspend(() => {
      rate = limiter?.take(account)
      if (rate?.allowed === false) return rateFault(rate)
      return conditionalList(tags, {
        asked: { url: `${publicUrl(request)}/v1.0/${account}/backups`, search },
        ifNoneMatch: request.headers["if-none-match"],
        version: catalog.version(account),
        page: catalog.listEncoded(account, params, params)
      })
    })
    return authorise(verifier, String(request.headers["x-auth-token"] ?? ""), account, "list").pipe(
      Effect.zipRight(list),
      Effect.catchAllCause((cause) => Effect.map(faultOfCause(cause, requestIdOf(request)), faultAnswer)),
      Effect.map(
        (found: Answer): Answer =>
          rate === undefined ? found : { ...found, headers: { ...found.headers, ...rateHeaders(rate) } }
      )
    )
  }

  const handler: LeanHandler = (request, response) => {
    if (request.method !== "GET") return false
    if (request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined) {
      return false
    }
    const match = plain.exec(request.url ?? "")
    if (match === null) return false
    const params = parse(match[2] ?? "")
    if (params === undefined) return false
    const cancel = runCallback(answer(request, match[1] as AccountId, match[2] ?? "", params), {
      onExit: (exit) => {
        // An interrupted one has nobody left to answer.
        if (exit._tag === "Failure") return
        const { status, headers, body } = exit.value
        const length = status === 304 ? {} : { "Content-Length": Buffer.byteLength(body) }
        response.writeHead(status, { ...headers, ...requestIdHeaders(requestIdOf(request)), ...length })
        response.end(body)
      }
    })
    if (!response.writableEnded) response.once("close", () => cancel())
    return true
  }
  return handler
})
