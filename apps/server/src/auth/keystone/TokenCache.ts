import { timingSafeEqual } from "node:crypto"
import { LRUCache } from "lru-cache"
import type { TokenKey } from "../token.ts"

/** What is remembered of tokens, each until a time of its own; times are in milliseconds. */
export interface TokenCache<A> {
  readonly get: (key: TokenKey, now: number) => A | undefined
  readonly put: (key: TokenKey, value: A, until: number) => void
}

interface Entry<A> {
  readonly hash: Buffer
  readonly value: A
  readonly until: number
}

/** A cache of `size` entries, at least 1; the one that was not asked for the longest makes room. */
export const makeTokenCache = <A>(size: number): TokenCache<A> => {
  const entries = new LRUCache<string, Entry<A>>({ max: size })
  return {
    get: (key, now) => {
      const entry = entries.get(key.text)
      return entry !== undefined && now < entry.until && timingSafeEqual(entry.hash, key.hash) ? entry.value : undefined
    },
    put: ({ text, hash }, value, until) => {
      entries.set(text, { hash, value, until })
    }
  }
}
