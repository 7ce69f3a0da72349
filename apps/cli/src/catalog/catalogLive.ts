import { type HttpServices, layer } from "@backup-catalog/client/effect"
import { Layer } from "effect"
import { nodeFetch } from "../connection/nodeFetch.ts"
import { patience } from "../connection/patience.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import { Account } from "../settings/Account.ts"
import { CatalogUrl } from "../settings/CatalogUrl.ts"
import type { Settings } from "../settings/Settings.ts"

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
    layer({ ...patience, url, token, invalidate, traceparent: () => process.env.TRACEPARENT, fetch: nodeFetch }).pipe(
      Layer.mapError(({ option, message }) => {
        const source = option === "url" || option === "token" ? sources[option] : undefined
        return new UsageError({
          message: source === undefined ? message : message.replace(/^The option \w+/, `The ${option} from ${source}`)
        })
      })
    )
  )
