import { Either, type ParseResult, Schema, SchemaAST } from "effect"
import { BackupFilter } from "../BackupFilter.ts"
import { describeParseError } from "../describeParseError.ts"
import { BadRequest } from "../Fault.ts"
import type { Marker } from "../Marker.ts"
import { PageRequest } from "../Page.ts"
import { decodeSearchText, parseSearchParams, type SearchParamNames } from "./SearchParams.ts"

/** The query parameters of the list: its filters and its page (contract §1). */
export const ListParams = Schema.Struct({ ...BackupFilter.fields, ...PageRequest.fields })
export type ListParams = typeof ListParams.Type

const names: SearchParamNames = {
  names: new Set(SchemaAST.getPropertySignatures(SchemaAST.encodedAST(ListParams.ast)).map(({ name }) => String(name))),
  repeatable: new Set(["status"])
}

const decode = Schema.decodeUnknownEither(ListParams)

const refuse = (error: ParseResult.ParseError) =>
  new BadRequest({
    message: `The query parameter ${describeParseError(error, "limit").replace(/^status\[\d+\]/, "status")}.`
  })

/** The filter and page that a raw query string asks for, or the `BadRequest` that names the parameter at fault. */
export const parseListParams = (search: string): Either.Either<ListParams, BadRequest> =>
  search === ""
    ? Either.right({})
    : Either.flatMap(parseSearchParams(search, names), (params) => Either.mapLeft(decode(params), refuse))

/** A query string that asks for the same list from another marker on: what a `next` link carries. */
export const withMarker = (search: string, marker: Marker): string => {
  const kept = search
    .split("&")
    .filter((pair) => pair !== "" && decodeSearchText(pair.split("=", 1)[0] ?? "") !== "marker")
  return [...kept, `marker=${marker}`].join("&")
}
