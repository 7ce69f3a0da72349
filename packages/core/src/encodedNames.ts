import { type Schema, SchemaAST } from "effect"

/** The names of the members that a schema has on the wire. */
export const encodedNames = ({ ast }: Pick<Schema.Schema.All, "ast">): ReadonlySet<string> =>
  new Set(SchemaAST.getPropertySignatures(SchemaAST.encodedAST(ast)).map(({ name }) => String(name)))
