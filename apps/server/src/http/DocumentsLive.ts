import { type HttpApi, HttpApiBuilder } from "@effect/platform"
import { Effect, Runtime, type Scope } from "effect"
import { DOCS_PATH, DOCUMENT_PATH } from "../request/routes.ts"

/**
 * The document of the API and the page that shows it. Most servers are never asked for either: they are loaded and made
 * when somebody is, for they take 12 MB.
 */
export const DocumentsLive = HttpApiBuilder.Router.use((router) =>
  Effect.gen(function* () {
    const run = Runtime.runPromise(yield* Effect.runtime<HttpApi.Api | Scope.Scope>())
    const load = async () => {
      const { documents } = await import("./documents.ts")
      return run(documents)
    }
    // A promise, since who asks first may go away, and an effect that was interrupted would be what is kept for all.
    let made: ReturnType<typeof load> | undefined
    // What could not be loaded may be there the next time.
    const loaded = () =>
      (made ??= load().catch((cause) => {
        made = undefined
        throw cause
      }))
    const answer = Effect.flatten(Effect.promise(loaded))
    yield* router.get(DOCUMENT_PATH, answer)
    yield* router.get(DOCS_PATH, answer)
  })
)
