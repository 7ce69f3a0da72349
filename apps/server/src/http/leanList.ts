import type { ServerResponse } from "node:http"
import { ACCOUNT_PATTERN, type AccountId, type Fault, type Marker } from "@backup-catalog/core"
import { type Identity, type ListParams, parseListParams, remembered, withoutMarker } from "@backup-catalog/core/http"
import { StoreCatalog } from "@backup-catalog/core/store"
import { type Cause, Effect, Either, Runtime, RuntimeFlags } from "effect"
import { authorise, refusal, TokenVerifier } from "../auth/TokenVerifier.ts"
import { type RateDecision, RateLimiter, takeRate } from "../limits/RateLimiter.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { type ListenerRequest, requestIdHeaders } from "../request/ListenerRequest.ts"
import { StoreState } from "../store/StoreState.ts"
import { RequestTraces } from "../telemetry/RequestTraces.ts"
import { type Answer, bodyBytes, sendAnswer } from "./Answer.ts"
import { conditionalList, conditionalListAtOnce, type ListQuestion, rememberedList } from "./conditionalList.ts"
import { EntityTags } from "./EntityTags.ts"
import { faultAnswer } from "./faultAnswer.ts"
import { faultOfCause } from "./faultOfCause.ts"
import { asksOtherAccounts } from "./listScope.ts"
import type { Outbox } from "./Outbox.ts"
import { PageMemory } from "./PageMemory.ts"
import { PublicUrl } from "./PublicUrl.ts"
import { rateFault, rateHeaders } from "./rateLimit.ts"

// An account may not be . or .. alone; what is no account is the router's to refuse.
const plain = new RegExp(String.raw`^/v1\.0/(?!\.{1,2}/)(${ACCOUNT_PATTERN})/backups(?:\?(.*))?$`)

/** What a query means. */
interface Meaning {
  readonly params: ListParams
  /** What of it a `next` link asks again. */
  readonly others: string
}

const meaningOf = (search: string): Meaning | undefined => {
  const params = asksOtherAccounts(search) ? undefined : Either.getOrUndefined(parseListParams(search))
  return params && { params, others: withoutMarker(search) }
}

// As a `next` link has its marker: behind all else, in characters that stand for themselves.
const markerLast = /^(?:(.*)&)?marker=([A-Za-z0-9._~-]{1,2048})$/

// Those who look again and again ask the same question each time, and who walks through a list does from another marker
// on. What is wrong is left to the router, and so is what goes beyond the account.
const makeParser = () => {
  const meaning = remembered(meaningOf)
  return (search: string): Meaning | undefined => {
    const match = markerLast.exec(search)
    if (match === null) return meaning(search)
    const [, others = "", marker] = match
    const first = meaning(others)
    return first === undefined || first.params.marker !== undefined
      ? undefined
      : { ...first, params: { ...first.params, marker: marker as Marker } }
  }
}

/** What takes longer to make than to send goes out at once, up to so many bytes with what else there is to send. */
const SHORT = 32_768

/** A list that is asked for in the plain way. */
interface PlainList extends Meaning {
  readonly account: AccountId
  /** The query as it was written. */
  readonly search: string
}

/** An answer, and what is left of the account's rate: undefined where that has no limit, or nobody was let in. */
interface Rated {
  readonly answer: Answer
  readonly rate: RateDecision | undefined
}

/** Takes a request and answers it, or returns false and leaves it alone. */
export type LeanHandler = (request: ListenerRequest, response: ServerResponse) => boolean

/**
 * Answers the list, when it is asked for in the plain way, in front of the router: the same steps in the same order on
 * the same services, without the router's request and response objects, which cost more than the list itself
 * (docs/performance-steps.md). `HEAD`, a body, unusual spellings of the path, wrong parameters and lists of other
 * accounts are left to the router.
 */
export const makeLeanList = Effect.fnUntraced(function* ({ post }: Outbox) {
  const catalog = yield* StoreCatalog
  const verifier = yield* TokenVerifier
  const limiter = yield* RateLimiter
  const publicUrl = yield* PublicUrl
  const tags = yield* EntityTags
  const memory = yield* PageMemory
  const metrics = yield* ServerMetrics
  const traces = yield* RequestTraces
  const look = yield* StoreState
  const parse = makeParser()
  // Counting fibers costs a good part of starting one, and nobody reads the counts.
  const runtime = Runtime.disableRuntimeFlag(yield* Effect.runtime<never>(), RuntimeFlags.RuntimeMetrics)
  const runCallback = Runtime.runCallback(runtime)

  /** Sends an answer, with what is left of the account's rate, which is told also where it refuses. */
  const send = (request: ListenerRequest, response: ServerResponse, { answer, rate }: Rated) => {
    const now = () =>
      rate === undefined
        ? sendAnswer(response, answer, requestIdHeaders(request.id))
        : sendAnswer(response, answer, requestIdHeaders(request.id), rateHeaders(rate))
    if (bodyBytes(answer.body) > SHORT) now()
    else post(now)
  }

  /** What a request asks, when it is one that can be answered here. */
  const read = ({ method, headers, url }: ListenerRequest): PlainList | undefined => {
    if (method !== "GET" || headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined) {
      return undefined
    }
    const match = plain.exec(url ?? "")
    if (match === null) return undefined
    const search = match[2] ?? ""
    const meaning = parse(search)
    return meaning && { account: match[1] as AccountId, search, ...meaning }
  }

  /** The answer of a caller who was let in, as far as its account's rate goes. */
  const listFor = (
    { account, params }: PlainList,
    { asked, ifNoneMatch }: Pick<ListQuestion, "asked" | "ifNoneMatch">,
    state: number | undefined,
    rate: RateDecision | undefined
  ): Effect.Effect<Answer, Fault> => {
    if (rate?.allowed === false) return rateFault(rate)
    const version = catalog.version(account)
    const page = catalog.listEncoded(account, params, params)
    return conditionalList(tags, memory, { asked, ifNoneMatch, version, page }, state)
  }

  /** The answer that takes no waiting, to a caller who was let in. */
  const atOnce = (
    { account, params }: PlainList,
    question: Pick<ListQuestion, "asked" | "ifNoneMatch">,
    state: number | undefined
  ): Answer | undefined => {
    const reads = catalog.atOnce
    return (
      reads &&
      conditionalListAtOnce(
        tags,
        memory,
        question,
        () => reads.version(account),
        () => reads.listEncoded(account, params, params),
        state
      )
    )
  }

  /** The answer where something went wrong, which never fails itself. */
  const faulted = (request: ListenerRequest, rate: RateDecision | undefined) => (cause: Cause.Cause<Fault>) =>
    Effect.map(faultOfCause(cause, request.id), (fault): Rated => ({ answer: faultAnswer(fault), rate }))

  /** Sends the answer that an effect gives, unless its caller has gone by then. */
  const sendLater = (request: ListenerRequest, response: ServerResponse, rated: Effect.Effect<Rated>) => {
    let isOver = false
    const cancel = runCallback(traces.within(request, rated), {
      onExit: (exit) => {
        isOver = true
        // An interrupted one has nobody left to answer.
        if (exit._tag === "Success") send(request, response, exit.value)
      }
    })
    if (!isOver) response.once("close", () => cancel())
  }

  const handler: LeanHandler = (request, response) => {
    const list = read(request)
    if (list === undefined) return false
    const { account, search, others } = list
    const token = String(request.headers["x-auth-token"] ?? "")
    const ifNoneMatch = request.headers["if-none-match"]
    const asked = { url: `${publicUrl(request)}/v1.0/${account}/backups`, search, others }
    const state = look()

    const ratedList = (rate: RateDecision | undefined): Effect.Effect<Rated> =>
      Effect.suspend(() => listFor(list, { asked, ifNoneMatch }, state, rate)).pipe(
        Effect.map((answer) => ({ answer, rate })),
        Effect.catchAllCause(faulted(request, rate))
      )

    const letIn = (rate: RateDecision | undefined) => {
      const isLetIn = rate?.allowed !== false
      const remembered = isLetIn ? rememberedList(memory, asked, ifNoneMatch, state) : undefined
      metrics.page(remembered !== undefined)
      const soon = remembered ?? (isLetIn ? atOnce(list, { asked, ifNoneMatch }, state) : undefined)
      if (soon !== undefined) send(request, response, { answer: soon, rate })
      else sendLater(request, response, ratedList(rate))
    }

    const identity = verifier.known(token, state)
    if (identity !== undefined && refusal(identity, account, "list") === undefined) {
      request.role = identity.role
      if (limiter === undefined) letIn(undefined)
      else limiter.take(account, letIn)
      return true
    }
    const admitted = ({ role }: Identity) =>
      Effect.flatMap(takeRate(limiter, account), (rate) => {
        request.role = role
        metrics.page(false)
        return ratedList(rate)
      })
    const authorised = Effect.flatMap(authorise(verifier, token, account, "list"), admitted)
    sendLater(request, response, Effect.catchAllCause(authorised, faulted(request, undefined)))
    return true
  }
  return handler
})
