import { Context, Layer } from "effect"
import { LRUCache } from "lru-cache"
import { type Answer, type Body, bodyBytes, piecesOf } from "./Answer.ts"

/** An answer to a list, and the version of its account that it is of. */
export interface RememberedPage {
  readonly version: bigint
  /** The entity tag, without quotes. */
  readonly tag: string
  readonly answer: Answer
  /** What the store was seen to have when the account was last known to have this version. */
  state: number | undefined
}

/**
 * Pages as they were sent, each under the whole URL that asked for it, which has its account in it. One holds while its
 * account has the version that it is of; whoever takes one has looked at the version first.
 */
export class PageMemory extends Context.Tag("@backup-catalog/server/PageMemory")<
  PageMemory,
  {
    readonly get: (url: string) => RememberedPage | undefined
    readonly put: (url: string, page: RememberedPage) => void
    /** How many bytes are held at the moment. */
    readonly size: () => number
  }
>() {}

/** What a page takes besides its body, in bytes: its headers, its key, its place. */
const OVERHEAD = 1024

/** The most that one page may take of all, as a share: one long page must not push out all others. */
const SHARE = 8

/**
 * How many characters of the URLs that were asked for last are known, whose pages are remembered when they are asked
 * for again: as a share of the bytes of pages. Each takes some seven bytes.
 */
const ASKED = 128

// In memory of their own: a short body that was just made lies in a block with others, which it would keep.
const ownBytes = (body: Body): Uint8Array => {
  const bytes = Buffer.allocUnsafeSlow(bodyBytes(body))
  let end = 0
  for (const piece of piecesOf(body)) {
    bytes.set(piece, end)
    end += piece.length
  }
  return bytes
}

/**
 * At most so many bytes of pages, those that were asked for last; 0 for none at all. A page is remembered when it is
 * asked for the second time: who walks through a list asks for each page once, and would push out all that others ask
 * for again.
 */
export const makePageMemory = (maxBytes: number): typeof PageMemory.Service => {
  if (maxBytes === 0) return { get: () => undefined, put: () => {}, size: () => 0 }
  const pages = new LRUCache<string, RememberedPage>({
    maxSize: maxBytes,
    maxEntrySize: Math.ceil(maxBytes / SHARE),
    sizeCalculation: ({ answer: { body } }, url) => bodyBytes(body) + url.length + OVERHEAD
  })
  const asked = new LRUCache<string, true>({
    maxSize: Math.ceil(maxBytes / ASKED),
    sizeCalculation: (_, url) => url.length
  })
  return {
    get: (url) => pages.get(url),
    put: (url, page) => {
      if (asked.get(url) === undefined) return void asked.set(url, true)
      pages.set(url, { ...page, answer: { ...page.answer, body: ownBytes(page.answer.body) } })
    },
    size: () => pages.calculatedSize
  }
}

/** As `makePageMemory`. */
export const layer = (maxBytes: number): Layer.Layer<PageMemory> =>
  Layer.sync(PageMemory, () => makePageMemory(maxBytes))
