import type { IncomingMessage } from "node:http"
import { type EncodedListPage, encodeBackup, type Marker, type Page } from "@backup-catalog/core"
import { withMarker } from "@backup-catalog/core/http"
import type { Body } from "./Answer.ts"
import { pathOf, searchOf } from "./requestTarget.ts"

const HEAD = '{"backups":['
const HEAD_BYTES = Buffer.from(HEAD)

/** Where a list was asked for: what its `next` link is made of. */
export interface Asked {
  /** The public URL and the path. */
  readonly url: string
  /** The query string as it was written. */
  readonly search: string
}

/** Where a request asks, by the path and the query that it was written with. */
export const askedOf = (publicUrl: (request: IncomingMessage) => string, request: IncomingMessage): Asked => {
  const target = request.url ?? ""
  return { url: publicUrl(request) + pathOf(target), search: searchOf(target) }
}

const nextLink = ({ url, search }: Asked, marker: Marker) => ({
  rel: "next",
  href: `${url}?${withMarker(search, marker)}`
})

/** The member `links` of a page: one that leads to the next, and no member at all when nothing follows. */
export const linksTo = (asked: Asked, next: Marker | undefined) =>
  next === undefined ? {} : { links: [nextLink(asked, next)] }

/** The body of a list's answer around its records, with the `next` link when more follow (docs/api.md, Pages). */
export const listAnswer = ({ records, next }: Omit<EncodedListPage, "version">, asked: Asked): Body => {
  const tail = next === undefined ? "]}\n" : `],"links":[${JSON.stringify(nextLink(asked, next))}]}\n`
  return typeof records === "string" ? Buffer.from(HEAD + records + tail) : [HEAD_BYTES, records, Buffer.from(tail)]
}

/** A page of backups as it travels. */
export const encodeRecords = ({ backups, next }: Page): Omit<EncodedListPage, "version"> => ({
  records: backups.map((backup) => JSON.stringify(encodeBackup(backup))).join(",\n"),
  next
})

/** The headers of a list's answer; what one account sees must not be kept for another. */
export const LIST_HEADERS = { "Content-Type": "application/json", "Cache-Control": "private, no-cache" } as const
