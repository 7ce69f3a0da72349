import { type HttpServices, layer } from "@backup-catalog/client/effect"
import { Effect, Layer } from "effect"
import { Account } from "./Account.ts"
import { CatalogUrl } from "./CatalogUrl.ts"
import { nodeFetch } from "./nodeFetch.ts"
import { patience } from "./patience.ts"
import type { Settings } from "./Settings.ts"
import { UsageError } from "./UsageError.ts"

/** Fails when a url has the version in it, as OpenStack lists it, or the account besides: they come behind it again. */
const refuseVersion = (url: string, source: string): Effect.Effect<void, UsageError> => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const [, before = "", end] = /^(.*?)(\/v1\.0(?:\/[^/]*)?)\/*$/.exec(parsed?.pathname ?? "") ?? []
  if (parsed === undefined || end === undefined) return Effect.void
  return new UsageError({
    message: `The url from ${source} must not have ${end} at its end: ${parsed.origin}${before} is the address.`
  })
}

/** The catalog and the account that the settings name; nothing is asked until a command does. */
export const catalogLive = ({
  url,
  account,
  token,
  invalidate,
  sources
}: Settings): Layer.Layer<HttpServices | Account | CatalogUrl, UsageError> =>
  Layer.mergeAll(
    Layer.succeed(Account, account),
    Layer.succeed(CatalogUrl, url),
    Layer.effectDiscard(refuseVersion(url, sources.url)),
    layer({ ...patience, url, token, invalidate, traceparent: () => process.env.TRACEPARENT, fetch: nodeFetch }).pipe(
      Layer.mapError(({ option, message }) => {
        const source = option === "url" || option === "token" ? sources[option] : undefined
        return new UsageError({
          message: source === undefined ? message : message.replace(/^The option \w+/, `The ${option} from ${source}`)
        })
      })
    )
  )
