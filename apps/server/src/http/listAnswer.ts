import type { AccountId, EncodedListPage } from "@backup-catalog/core"
import { formatListParams, type ListParams } from "@backup-catalog/core/http"

const HEAD = Buffer.from('{"backups":[')
const TAIL = Buffer.from("]}\n")

/** The body of a list's answer around its records, with the `next` link when more follow (contract §1). */
export const listAnswer = (
  { records, next }: EncodedListPage,
  publicUrl: string,
  account: AccountId,
  params: ListParams
): Buffer => {
  if (next === undefined) return Buffer.concat([HEAD, records, TAIL])
  const href = `${publicUrl}/v1.0/${account}/backups?${formatListParams({ ...params, marker: next })}`
  return Buffer.concat([HEAD, records, Buffer.from(`],"links":[{"rel":"next","href":${JSON.stringify(href)}}]}\n`)])
}

/** The headers of a list's answer; what one account sees must not be kept for another. */
export const LIST_HEADERS = { "Content-Type": "application/json", "Cache-Control": "private, no-cache" } as const
