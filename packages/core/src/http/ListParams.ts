import { Either, ParseResult, Schema, SchemaAST } from "effect"
import { BackupFilter } from "../BackupFilter.ts"
import { BadRequest } from "../Fault.ts"
import { PageRequest } from "../Page.ts"
import { parseSearchParams, type SearchParamNames } from "./SearchParams.ts"

/** The query parameters of the list: its filters and its page (contract §1). */
export const ListParams = Schema.Struct({ ...BackupFilter.fields, ...PageRequest.fields })
export type ListParams = typeof ListParams.Type

const names: SearchParamNames = {
  names: new Set(SchemaAST.getPropertySignatures(SchemaAST.encodedAST(ListParams.ast)).map(({ name }) => String(name))),
  repeatable: new Set(["status"])
}

const decode = Schema.decodeUnknownEither(ListParams)
const encode = Schema.encodeSync(ListParams)

/** The sentence for a query parameter that its schema refuses. */
export const describeParamError = (error: ParseResult.ParseError): BadRequest => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  return new BadRequest({
    message: `The query parameter ${String(issue?.path[0] ?? "")} ${issue?.message ?? "is invalid"}.`
  })
}

/** The filter and page that a raw query string asks for, or the `BadRequest` that names the parameter at fault. */
export const parseListParams = (search: string): Either.Either<ListParams, BadRequest> =>
  search === ""
    ? Either.right({})
    : Either.flatMap(parseSearchParams(search, names), (params) => Either.mapLeft(decode(params), describeParamError))

/** The query string of a filter and page, without `?`; parameters in the order of the contract. */
export const formatListParams = (params: ListParams): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(encode(params))) {
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, one)
  }
  return search.toString()
}
