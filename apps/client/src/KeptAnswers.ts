import type { Body } from "./body.ts"

/** An answer that may be used again as long as the server says that it still holds. */
export interface KeptAnswer {
  readonly tag: string
  readonly body: Body
}

/** Answers by what was asked, up to a number of bytes together; those that were not used for longest go first. */
export interface KeptAnswers {
  readonly find: (url: string) => KeptAnswer | undefined
  readonly keep: (url: string, answer: KeptAnswer) => void
}

// A character of a text takes two bytes at most; what an entry takes besides is little beside a page.
const sizeOf = (url: string, { tag, body }: KeptAnswer): number => 2 * (url.length + tag.length) + body.size

/** Room for `maxBytes` of answers; one that is larger than all of it is not kept. */
export const makeKeptAnswers = (maxBytes: number): KeptAnswers => {
  const kept = new Map<string, KeptAnswer>()
  let bytes = 0

  const drop = (url: string): void => {
    const answer = kept.get(url)
    if (answer === undefined) return
    kept.delete(url)
    bytes -= sizeOf(url, answer)
  }

  return {
    find: (url) => {
      const answer = kept.get(url)
      if (answer === undefined) return undefined
      kept.delete(url)
      kept.set(url, answer)
      return answer
    },
    keep: (url, answer) => {
      drop(url)
      const size = sizeOf(url, answer)
      if (size > maxBytes) return
      kept.set(url, answer)
      bytes += size
      for (const oldest of kept.keys()) {
        if (bytes <= maxBytes) return
        drop(oldest)
      }
    }
  }
}
