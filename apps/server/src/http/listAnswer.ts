import type { AccountId, EncodedListPage } from "@backup-catalog/core"
import { withMarker } from "@backup-catalog/core/http"

const HEAD = '{"backups":['
const HEAD_BYTES = Buffer.from(HEAD)

/** The body of a list's answer around its records, with the `next` link when more follow (contract §1); `search` is how it was asked for. */
export const listAnswer = (
  { records, next }: EncodedListPage,
  publicUrl: string,
  account: AccountId,
  search: string
): string | Buffer => {
  let tail = "]}\n"
  if (next !== undefined) {
    const href = `${publicUrl}/v1.0/${account}/backups?${withMarker(search, next)}`
    tail = `],"links":[{"rel":"next","href":${JSON.stringify(href)}}]}\n`
  }
  return typeof records === "string" ? HEAD + records + tail : Buffer.concat([HEAD_BYTES, records, Buffer.from(tail)])
}

/** The headers of a list's answer; what one account sees must not be kept for another. */
export const LIST_HEADERS = { "Content-Type": "application/json", "Cache-Control": "private, no-cache" } as const
