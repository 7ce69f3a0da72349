import {
  type AccountId,
  BadRequest,
  type ImportCatalog,
  ImportMode,
  type ImportPage,
  type ImportRequest,
  type PageRequest,
  SourceName
} from "@backup-catalog/core"
import { Effect, Either, Schema, Stream } from "effect"
import { asking, checked, listOptions, type RequestOptions, refused, request, requestOptions } from "./asked.ts"
import { HeldLines } from "./HeldLines.ts"
import type { HttpImports, ImportBody, ImportOptions } from "./HttpImports.ts"
import { type PlainImport, type PlainImportResult, toPlainImport, toPlainImportResult } from "./PlainImport.ts"
import { type ListOptions, makeList, nextOf, type PlainList } from "./PlainList.ts"
import { aBoolean, type Known, readMembers } from "./readMembers.ts"
import { lineOfInput, type SourcedInput } from "./SourcedInput.ts"

/**
 * What is imported: records, or bytes that have them as lines of JSON already (NDJSON), perhaps compressed with gzip.
 * Both may be of any size, and are read as they are sent.
 */
export type ImportSource =
  | { readonly records: Iterable<SourcedInput> | AsyncIterable<SourcedInput> }
  | {
      readonly ndjson: Uint8Array | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>
      readonly gzip?: boolean | undefined
    }

/** How an import is done. */
export interface ImportRunOptions extends RequestOptions, Pick<ImportOptions, "patience"> {
  /**
   * `snapshot`: these are all backups of the source, the others are retired. Default `merge`: they are added and
   * changed.
   */
  readonly mode?: ImportMode | undefined
  /** Whether a snapshot without any backup may retire all that the source had. Default: it is refused. */
  readonly allowEmpty?: boolean | undefined
  /** Whether to say only what would be done. */
  readonly dryRun?: boolean | undefined
}

/** One page of imports; `next` is there only when more follow, and is the `marker` of the following page. */
export interface ImportsPage {
  readonly imports: ReadonlyArray<PlainImport>
  readonly next?: string
}

/** Imports of whole sources. */
export interface ImportsClient {
  /**
   * Imports the backups of a source. What throws while they are read is what it rejects with, and then nothing is
   * retired. Lines that cannot be imported are among the `rejections` of the result; a record of `records` that is
   * invalid is a `BadRequest` that names it: what was sent before it stays.
   */
  readonly run: (source: string, from: ImportSource, options?: ImportRunOptions) => Promise<PlainImportResult>
  /** Past imports, of all sources or of one, newest first. */
  readonly list: (
    filter?: { readonly source?: string | undefined },
    options?: ListOptions
  ) => PlainList<PlainImport, ImportsPage>
  /** One import; `ItemNotFound` when the account has none with this id. */
  readonly get: (id: string, options?: RequestOptions) => Promise<PlainImport>
}

const idOf = (record: unknown): string =>
  typeof record === "object" && record !== null && "id" in record && typeof record.id === "string"
    ? `, ${JSON.stringify(record.id.slice(0, 255))},`
    : ""

const refusedRecord = (number: number, record: unknown, wrong: string) =>
  new BadRequest({
    message:
      `The import broke off, since record ${number}${idOf(record)} cannot be imported: ${wrong}; what was ` +
      "sent before it stays, and nothing was retired."
  })

async function* linesOf(
  records: Iterable<SourcedInput> | AsyncIterable<SourcedInput>,
  isLeft: () => boolean
): AsyncGenerator<string> {
  let number = 0
  for await (const record of records) {
    if (isLeft()) return
    number++
    const line = lineOfInput(record)
    if (Either.isLeft(line)) throw refusedRecord(number, record, line.left)
    yield line.right
  }
}

/** Lines as bytes: those that come fast together, and none is held for long. */
const encoded = (source: AsyncGenerator<string>): AsyncIterator<Uint8Array> => {
  const lines = new HeldLines()
  let coming: Promise<IteratorResult<string>> | undefined
  let ended = false
  return {
    next: async () => {
      if (ended) return { done: true, value: undefined }
      while (!lines.areDue()) {
        coming ??= source.next()
        const arrived = await (lines.areNone() ? coming : Promise.race([coming, lines.waited()]))
        if (arrived === undefined) break
        coming = undefined
        ended = arrived.done === true
        if (arrived.done) break
        lines.add(arrived.value)
      }
      return { done: false, value: lines.take() }
    },
    return: async () => {
      lines.letGo()
      return { done: true, value: await source.return(undefined) }
    }
  }
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<never> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value

const isIterable = (value: unknown): value is Iterable<never> =>
  typeof value === "object" && value !== null && Symbol.iterator in value

const NO_SOURCE = new BadRequest({
  message:
    "Nothing was asked: what is imported must be { records } with an iterable of backups, or { ndjson } with bytes or a stream of them."
})

/** What was thrown while a source was read: as it is, which Effect would wrap. */
class Thrown {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

const thrown = (error: unknown) => new Thrown(error)

/**
 * The bytes of an iterable, which is left without waiting for it: one whose next piece is still to come, perhaps never,
 * does not end before that.
 */
const leftAtOnce = (open: (isLeft: () => boolean) => AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => {
    let left = false
    const iterator = open(() => left)
    return {
      next: () => iterator.next(),
      return: async () => {
        left = true
        iterator.return?.().catch(() => {})
        return { done: true, value: undefined }
      }
    }
  }
})

interface AnySource {
  readonly records?: unknown
  readonly ndjson?: unknown
  readonly gzip?: boolean | undefined
}

const sourceMembers: Known<AnySource> = { records: true, ndjson: true, gzip: aBoolean }

const bodyOf = ({ records, ndjson }: AnySource): ImportBody<Thrown> | undefined => {
  // Of both, one would silently not be imported, and perhaps retired.
  if (records !== undefined && ndjson !== undefined) return undefined
  if (isAsyncIterable(records) || isIterable(records)) {
    return Stream.fromAsyncIterable(
      leftAtOnce((isLeft) => encoded(linesOf(records, isLeft))),
      thrown
    )
  }
  if (ndjson instanceof Uint8Array) return ndjson
  if (ndjson instanceof ReadableStream) {
    return Stream.fromReadableStream({ evaluate: () => ndjson, onError: thrown })
  }
  return isAsyncIterable(ndjson)
    ? Stream.fromAsyncIterable(
        leftAtOnce(() => ndjson[Symbol.asyncIterator]()),
        thrown
      )
    : undefined
}

const parseSource = (from: ImportSource) =>
  Effect.gen(function* () {
    const given = yield* Either.mapLeft(readMembers<AnySource>(from, sourceMembers), ({ name, predicate }) =>
      name === undefined
        ? NO_SOURCE
        : new BadRequest({ message: `Nothing was asked: the member ${name} of what is imported ${predicate}.` })
    )
    const body = bodyOf(given)
    return body === undefined ? yield* NO_SOURCE : { body, gzip: given.gzip }
  })

const runOptions: Known<ImportRunOptions> = {
  ...requestOptions,
  patience: true,
  mode: true,
  allowEmpty: aBoolean,
  dryRun: aBoolean
}

const decodeSource = Schema.decodeUnknown(SourceName)
const decodeMode = Schema.decodeUnknown(ImportMode)

const parseRequest = (
  source: string,
  { mode = "merge", allowEmpty = false, dryRun = false }: ImportRunOptions
): Effect.Effect<ImportRequest, BadRequest> =>
  Effect.all({
    source: refused("the source")(decodeSource(source)),
    mode: refused("the mode")(decodeMode(mode)),
    allowEmpty: Effect.succeed(allowEmpty),
    dryRun: Effect.succeed(dryRun)
  })

/** The imports of an account as Promises. */
export const makeImports = (
  { run }: typeof HttpImports.Service,
  catalog: typeof ImportCatalog.Service,
  account: AccountId
): ImportsClient => ({
  run: (source, from, options = {}) =>
    asking(
      checked(options, runOptions),
      Effect.fnUntraced(function* (given) {
        const asked = yield* parseRequest(source, given)
        const { body, gzip } = yield* parseSource(from)
        const result = yield* run(account, asked, body, { patience: given.patience, gzip })
        return toPlainImportResult(result)
      })
    ).catch((error: unknown) => {
      throw error instanceof Thrown ? error.error : error
    }),
  list: (filter = {}, options = {}) =>
    makeList(
      {
        known: listOptions,
        read: Effect.fnUntraced(function* () {
          const { source } = yield* checked(filter, { source: true }, "filter")
          const of = source === undefined ? {} : { source: yield* refused("the source")(decodeSource(source)) }
          return (page: PageRequest) => catalog.list(account, of, page)
        }),
        toPage: (page: ImportPage): ImportsPage => ({ imports: page.imports.map(toPlainImport), ...nextOf(page) }),
        itemsOf: ({ imports }) => imports,
        items: "imports"
      },
      options
    ),
  get: (id, options = {}) => request(options, Effect.map(catalog.get(account, id), toPlainImport))
})
