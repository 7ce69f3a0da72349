import { Either, type ParseResult, Schema } from "effect"
import { describeParseError } from "../describeParseError.ts"
import { encodedNames } from "../encodedNames.ts"
import { BadRequest } from "../Fault.ts"
import { PageRequest } from "../Page.ts"
import { CoverageParams } from "./CoverageApi.ts"
import { ImportParams, ImportsParams } from "./ImportsApi.ts"
import { InstanceListParams, InstancesParams, ListParams } from "./ListParams.ts"
import { repeatableNames } from "./repeatableNames.ts"
import { parseSearchParams } from "./SearchParams.ts"

/** What an operation makes of a raw query string, or the `BadRequest` that names the parameter at fault. */
export type ParseParams<Params> = (search: string) => Either.Either<Params, BadRequest>

const refuse = (error: ParseResult.ParseError) =>
  new BadRequest({
    // Whoever repeats a parameter does not count its values.
    message: `The query parameter ${describeParseError(error, "limit").replace(/^(\w+)\[\d+\]/, "$1")}.`
  })

const parserOf = <A, I>(params: Schema.Schema<A, I>): ParseParams<A> => {
  const allowed = { names: encodedNames(params), repeatable: repeatableNames(params) }
  const decode = Schema.decodeUnknownEither(params)
  return (search) =>
    Either.flatMap(parseSearchParams(search, allowed), (given) => Either.mapLeft(decode(given), refuse))
}

/** The filter, page and scope that a list is asked for with. */
export const parseListParams = parserOf(ListParams)

/** The filter and page that a list of an instance is asked for with. */
export const parseInstanceListParams = parserOf(InstanceListParams)

/** The page that a list of instances is asked for with. */
export const parseInstancesParams = parserOf(InstancesParams)

/** The page that any other list is asked for with. */
export const parsePageParams = parserOf(PageRequest)

/** What an import is told. */
export const parseImportParams = parserOf(ImportParams)

/** The source and page that a list of imports is asked for with. */
export const parseImportsParams = parserOf(ImportsParams)

/** The filter and page that the coverage is asked for with. */
export const parseCoverageParams = parserOf(CoverageParams)

/** For an operation that has no parameters. */
export const parseNoParams = parserOf(Schema.Struct({}))
