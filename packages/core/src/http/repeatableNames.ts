import { type Schema, SchemaAST } from "effect"

/** The names of the query parameters that may come more than once: those of which a schema takes a list. */
export const repeatableNames = ({ ast }: Pick<Schema.Schema.All, "ast">): ReadonlySet<string> =>
  new Set(
    SchemaAST.getPropertySignatures(SchemaAST.encodedAST(ast)).flatMap(({ name, type }) =>
      SchemaAST.isTupleType(type) ? [String(name)] : []
    )
  )
