import type { IncomingMessage, ServerResponse } from "node:http"
import { type AccountId, StoreCatalog } from "@backup-catalog/core"
import { parseListParams } from "@backup-catalog/core/http"
import { Effect, Runtime, RuntimeFlags } from "effect"
import { authorise, TokenVerifier } from "../auth/TokenVerifier.ts"
import { faultAnswer } from "./faultAnswer.ts"
import { faultOfCause } from "./faultOfCause.ts"
import { LIST_HEADERS, listAnswer } from "./listAnswer.ts"
import { PublicUrl } from "./PublicUrl.ts"
import { requestIdOf } from "./requestId.ts"

// An account may not be . or .. alone; what is no account is the router's to refuse.
const plain = /^\/v1\.0\/(?!\.{1,2}\/)([A-Za-z0-9._~-]{1,255})\/backups(?:\?(.*))?$/

/** How many query strings are remembered with what they mean, and how long each may be. */
const REMEMBERED = { searches: 1000, length: 256 }

// Those who look again and again ask the same question each time.
const makeParser = (): typeof parseListParams => {
  const known = new Map<string, ReturnType<typeof parseListParams>>()
  return (search) => {
    const before = known.get(search)
    if (before !== undefined) return before
    const parsed = parseListParams(search)
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
 * (docs/performance.md). `HEAD`, a body and unusual spellings of the path are left to the router.
 */
export const makeLeanList = Effect.gen(function* () {
  const catalog = yield* StoreCatalog
  const verifier = yield* TokenVerifier
  const publicUrl = yield* PublicUrl
  const parse = makeParser()
  // Counting fibers costs a good part of starting one, and nobody reads the counts.
  const runtime = Runtime.disableRuntimeFlag(yield* Effect.runtime<never>(), RuntimeFlags.RuntimeMetrics)
  const runCallback = Runtime.runCallback(runtime)

  const answer = (request: IncomingMessage, account: AccountId, search: string) =>
    authorise(verifier, String(request.headers["x-auth-token"] ?? ""), account).pipe(
      Effect.zipRight(Effect.suspend(() => parse(search))),
      Effect.flatMap((params) =>
        Effect.map(catalog.listEncoded(account, params, params), (page) => ({
          status: 200,
          headers: LIST_HEADERS,
          body: listAnswer(page, publicUrl(request), account, search)
        }))
      ),
      Effect.catchAllCause((cause) => Effect.map(faultOfCause(cause, requestIdOf(request)), faultAnswer))
    )

  const handler: LeanHandler = (request, response) => {
    if (request.method !== "GET") return false
    if (request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined) {
      return false
    }
    const match = plain.exec(request.url ?? "")
    if (match === null) return false
    const cancel = runCallback(answer(request, match[1] as AccountId, match[2] ?? ""), {
      onExit: (exit) => {
        // An interrupted one has nobody left to answer.
        if (exit._tag === "Failure") return
        const { status, headers, body } = exit.value
        const id = requestIdOf(request)
        response.writeHead(status, { ...headers, "X-Request-Id": id, "Content-Length": Buffer.byteLength(body) })
        response.end(body)
      }
    })
    if (!response.writableEnded) response.once("close", () => cancel())
    return true
  }
  return handler
})
