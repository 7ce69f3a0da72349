/** A JSON Schema, with as much of draft 7 as the published one has. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

type Members = Readonly<Record<string, unknown>>

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const typeOf = (value: unknown): string => {
  if (value === null) return "null"
  return Array.isArray(value) ? "array" : typeof value
}

type Check = (given: never, value: unknown, schema: JsonSchema) => boolean

const is =
  <A>(kind: (value: unknown) => value is A, holds: (value: A) => boolean) =>
  (value: unknown) =>
    !kind(value) || holds(value)

const isText = (value: unknown): value is string => typeof value === "string"
const isList = (value: unknown): value is ReadonlyArray<unknown> => Array.isArray(value)

const keywords: Readonly<Record<string, Check>> = {
  $schema: () => true,
  title: () => true,
  description: () => true,
  examples: () => true,
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so
  then: () => true,
  type: (type: string, value) => typeOf(value) === type,
  enum: (values: ReadonlyArray<unknown>, value) => values.includes(value),
  pattern: (pattern: string, value) => is(isText, (text) => new RegExp(pattern, "u").test(text))(value),
  minLength: (least: number, value) => is(isText, (text) => [...text].length >= least)(value),
  maxLength: (most: number, value) => is(isText, (text) => [...text].length <= most)(value),
  minItems: (least: number, value) => is(isList, ({ length }) => length >= least)(value),
  maxItems: (most: number, value) => is(isList, ({ length }) => length <= most)(value),
  items: (items: JsonSchema, value) => is(isList, (list) => list.every((one) => isValid(items, one)))(value),
  required: (names: ReadonlyArray<string>, value) =>
    is(isMembers, (members) => names.every((name) => Object.hasOwn(members, name)))(value),
  properties: (properties: Readonly<Record<string, JsonSchema>>, value) =>
    is(isMembers, (members) =>
      Object.entries(properties).every(
        ([name, schema]) => !Object.hasOwn(members, name) || isValid(schema, members[name])
      )
    )(value),
  additionalProperties: (_: false, value, { properties }) =>
    is(isMembers, (members) => Object.keys(members).every((name) => Object.hasOwn(properties as object, name)))(value),
  not: (schema: JsonSchema, value) => !isValid(schema, value),
  anyOf: (schemas: ReadonlyArray<JsonSchema>, value) => schemas.some((schema) => isValid(schema, value)),
  oneOf: (schemas: ReadonlyArray<JsonSchema>, value) => schemas.filter((schema) => isValid(schema, value)).length === 1,
  allOf: (schemas: ReadonlyArray<JsonSchema>, value) => schemas.every((schema) => isValid(schema, value)),
  if: (condition: JsonSchema, value, { then }) => !isValid(condition, value) || isValid(then as JsonSchema, value)
}

/** Whether a value is what a schema describes; throws for a keyword that is not known here. */
export const isValid = (schema: JsonSchema, value: unknown): boolean =>
  Object.entries(schema).every(([keyword, given]) => {
    const check = keywords[keyword]
    if (check === undefined) throw new Error(`The keyword ${keyword} is not known.`)
    return check(given as never, value, schema)
  })
