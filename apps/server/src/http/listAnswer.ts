import { encodeBackup, type Marker, type Page } from "@backup-catalog/core"
import { withMarker, withoutMarker } from "@backup-catalog/core/http"
import type { EncodedListPage } from "@backup-catalog/core/store"
import type { ListenerRequest } from "../request/ListenerRequest.ts"
import { pathOf, searchOf } from "../request/requestTarget.ts"
import type { Body } from "./Answer.ts"

const HEAD = '{"backups":['
const HEAD_BYTES = Buffer.from(HEAD)

/** Where a list was asked for: what its `next` link is made of. */
export interface Asked {
  /** The public URL and the path. */
  readonly url: string
  /** The query string as it was written. */
  readonly search: string
  /** The same without its marker. */
  readonly others: string
}

/** Where a request asks, by the path and the query that it was written with. */
export const askedOf = (publicUrl: (request: ListenerRequest) => string, request: ListenerRequest): Asked => {
  const target = request.url ?? ""
  const search = searchOf(target)
  return { url: publicUrl(request) + pathOf(target), search, others: withoutMarker(search) }
}

const hrefOf = ({ url, others }: Asked, marker: Marker): string => `${url}?${withMarker(others, marker)}`

/** The member `links` of a page: one that leads to the next, and no member at all when nothing follows. */
export const linksTo = (asked: Asked, next: Marker | undefined) =>
  next === undefined ? {} : { links: [{ rel: "next", href: hrefOf(asked, next) }] }

/** The body of a list's answer around its records, with the `next` link when more follow (docs/api.md, Pages). */
export const listAnswer = ({ records, next }: Omit<EncodedListPage, "version">, asked: Asked): Body => {
  const tail =
    next === undefined ? "]}\n" : `],"links":[{"rel":"next","href":${JSON.stringify(hrefOf(asked, next))}}]}\n`
  if (typeof records !== "string") return [HEAD_BYTES, records, Buffer.from(tail)]
  return { text: HEAD + records + tail, bytes: HEAD.length + Buffer.byteLength(records) + Buffer.byteLength(tail) }
}

/** A page of backups as it travels. */
export const encodeRecords = ({ backups, next }: Page): Omit<EncodedListPage, "version"> => ({
  records: backups.map((backup) => JSON.stringify(encodeBackup(backup))).join(",\n"),
  next
})

/** The headers of a list's answer; what one account sees must not be kept for another. */
export const LIST_HEADERS = { "Content-Type": "application/json", "Cache-Control": "private, no-cache" } as const

/** The same with an entity tag. Written out, since to spread the others costs as much as to look up a record. */
export const listHeaders = (tag: string) => ({
  "Content-Type": LIST_HEADERS["Content-Type"],
  "Cache-Control": LIST_HEADERS["Cache-Control"],
  ETag: `"${tag}"`
})
