import { HttpApiBuilder, HttpApiSwagger } from "@effect/platform"
import { Context, Effect, Layer } from "effect"
import { DOCS_PATH, DOCUMENT_PATH } from "../request/routes.ts"

const pages = Layer.merge(
  HttpApiBuilder.middlewareOpenApi({ path: DOCUMENT_PATH }),
  HttpApiSwagger.layer({ path: DOCS_PATH })
).pipe(Layer.provideMerge(HttpApiBuilder.Router.Live))

/** The document of the API and the page that shows it, as a router of their own. */
export const documents = Effect.flatMap(Layer.build(pages), (built) => Context.get(built, HttpApiBuilder.Router).router)
