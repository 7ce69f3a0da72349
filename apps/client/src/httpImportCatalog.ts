import {
  type AccountId,
  type BackupId,
  type Import,
  ImportCatalog,
  type PageRequest,
  SegmentId,
  type SourceName
} from "@backup-catalog/core"
import { Effect, Schema } from "effect"
import { refused } from "./asked.ts"
import type { Connection } from "./Connection.ts"
import { otherQuestion, otherThan, tooManyOf } from "./mismatch.ts"

const otherSource = (imports: ReadonlyArray<Import>, source: SourceName | undefined): string | undefined => {
  const index = source === undefined ? -1 : imports.findIndex((one) => one.source !== source)
  return index < 0
    ? undefined
    : otherQuestion(`imports[${index}] is not of the source ${source}; it may not know this filter`)
}

const decodeId = Schema.decodeUnknown(SegmentId)

/** What imports left behind, over HTTP. */
export const makeImportCatalog = ({ call, read, next, unless }: Connection): typeof ImportCatalog.Service =>
  ImportCatalog.of({
    list: Effect.fn("ImportCatalog.list")(
      (accountId: AccountId, { source }: { readonly source?: SourceName | undefined }, page: PageRequest) =>
        call((api) =>
          api.imports.listImports({
            path: { accountId },
            urlParams: { ...(source === undefined ? {} : { source }), ...page }
          })
        ).pipe(
          Effect.tap(({ imports }) =>
            unless(tooManyOf("imports", imports, page) ?? otherSource(imports, source), undefined)
          ),
          Effect.flatMap(({ imports, links }) =>
            Effect.map(next(links, `/v1.0/${accountId}/imports`), (following) => ({ imports, ...following }))
          ),
          read
        )
    ),

    get: Effect.fn("ImportCatalog.get")((accountId: AccountId, id: string) =>
      Effect.flatMap(refused("the id")(decodeId(id)), (importId) =>
        call((api) => api.imports.showImport({ path: { accountId, importId } })).pipe(
          Effect.flatMap((answer) => unless(otherThan("import.id", answer.import.id, importId), answer.import)),
          read
        )
      )
    ),

    history: Effect.fn("ImportCatalog.history")((accountId: AccountId, backupId: BackupId, page: PageRequest) =>
      call((api) => api.imports.history({ path: { accountId, backupId }, urlParams: page })).pipe(
        Effect.tap(({ history }) => unless(tooManyOf("history", history, page), undefined)),
        Effect.flatMap(({ origins, history, links }) =>
          Effect.map(
            next(links, `/v1.0/${accountId}/backups/${encodeURIComponent(backupId)}/history`),
            (following) => ({ origins, history, ...following })
          )
        ),
        read
      )
    )
  })
