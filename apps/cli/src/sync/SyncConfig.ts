import { AccountId, describeSecretParseError, hasLength, ImportMode, SourceName } from "@backup-catalog/core"
import { compilePattern, isTimeZone, Mapping } from "@backup-catalog/sources"
import { Effect, Either, Exit, Option, Schema, SchemaAST } from "effect"
import { readTimeout } from "../imports/readTask.ts"
import { timeZoneForms } from "../imports/timeZoneForms.ts"
import { folderTools, LISTED_TOOL, RECORDS, type ToolInput, toolNames, tools } from "../imports/tools.ts"
import { listed } from "../output/listed.ts"

const MAX_TEXT = 4096
const MAX_WORDS = 1000
const MAX_SOURCES = 1000

const absent = { exact: true } as const

const text = (description: string) =>
  Schema.String.pipe(
    Schema.filter((value) => hasLength(value, 1, MAX_TEXT) && !value.includes("\u0000"), {
      message: () => `must have 1 to ${MAX_TEXT} characters, and no NUL`,
      jsonSchema: { minLength: 1, maxLength: MAX_TEXT, pattern: String.raw`^[^\u0000]*$`, description }
    })
  )

/** The same schema, with a description where it has a JSON Schema of its own, which is all that is published of it. */
const described = <A, I>(schema: Schema.Schema<A, I>, description: string): Schema.Schema<A, I> =>
  schema.annotations({
    jsonSchema: { ...Option.getOrUndefined(SchemaAST.getJSONSchemaAnnotation(schema.ast)), description }
  })

const optionalText = (description: string) => Schema.optionalWith(text(description), absent)

const Tool = Schema.String.pipe(
  Schema.filter((tool) => toolNames.includes(tool), {
    message: () => `must be one of ${toolNames.join(" ")}`,
    jsonSchema: { enum: toolNames, description: "What made the backups." }
  })
)

// 1s to 1d in each unit, of at most nine digits.
const timeoutPattern =
  "^(?=[0-9]{1,9}[a-z])0*(?:" +
  [
    "(?:[1-9][0-9]{3,6}|[1-7][0-9]{7}|8[0-5][0-9]{6}|86[0-3][0-9]{5}|86400000)ms",
    "(?:[1-9][0-9]{0,3}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2}|86400)s",
    "(?:[1-9][0-9]{0,2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)m",
    "(?:[1-9]|1[0-9]|2[0-4])h",
    "1d"
  ].join("|") +
  ")$"

const Timeout = Schema.String.annotations({ message: () => "must be a duration such as 10m" }).pipe(
  Schema.filter((value) => readTimeout(value) !== undefined, {
    message: () => "must be 1s to 1d, as in 90s or 10m",
    jsonSchema: {
      pattern: timeoutPattern,
      description: "How long the tool may run, 1s to 1d. Default 5m."
    }
  })
)

// Which names there are is only known to the system.
const timeZonePattern =
  "^(?:" +
  [
    "(?:GMT)?[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]",
    "[A-Za-z]+(?:/[A-Za-z0-9_+-]+)+",
    "[A-Za-z]+(?:-[A-Za-z]+)?",
    "[A-Za-z]{3}[0-9][A-Za-z]{3}"
  ].join("|") +
  ")$"

const TimeZone = Schema.String.pipe(
  Schema.filter(isTimeZone, {
    message: () => `must be ${timeZoneForms}`,
    jsonSchema: { pattern: timeZonePattern, description: `The zone of times that have none: ${timeZoneForms}.` }
  })
)

const Pattern = Schema.String.pipe(
  Schema.filter((pattern) => Exit.isSuccess(Effect.runSyncExit(compilePattern(pattern))), {
    message: () =>
      "must have at most 255 characters, {instance} or {database} in it, and in braces nothing else but {date}",
    jsonSchema: {
      maxLength: 255,
      pattern: String.raw`^(?=[\s\S]*\{(?:instance|database)\})(?:[^{}]|\{(?:instance|database|date)\})*$`,
      description: "What paths of dumps mean: {instance}/{database}-{date}.sql.gz"
    }
  })
)

const Command = Schema.Array(text("The program, or an argument of it.")).pipe(
  Schema.annotations({
    message: () => "must be a list of words, such as [ssh, backup@nas, restic, snapshots, --json]"
  }),
  Schema.filter((words) => words.length >= 1 && words.length <= MAX_WORDS, {
    message: () => `must have 1 to ${MAX_WORDS} words, the program and its arguments`,
    jsonSchema: {
      minItems: 1,
      maxItems: MAX_WORDS,
      description:
        "A program that prints what the tool does, and its arguments; no shell reads them. With a slash, " +
        "its path begins at the folder of this configuration."
    }
  })
)

/** The members of which each source has one: where it is read from. */
const inputs = ["file", "folder", "exec", "command", "from_profile", "from_os_cloud"] as const
type InputName = (typeof inputs)[number]

const Members = Schema.Struct({
  name: described(SourceName, "What the source is called in the catalog: always the same."),
  tool: Tool,
  file: optionalText("What the tool printed, or records, in a file; paths begin at the folder of this configuration."),
  folder: optionalText(`The folder of backups, for ${listed(folderTools)}.`),
  exec: Schema.optionalWith(
    Schema.Literal(true).annotations({
      message: () => ({ message: "must be true, or be left out", override: true }),
      description: "Run the tool on this host with its usual command."
    }),
    absent
  ),
  command: Schema.optionalWith(Command, absent),
  from_profile: optionalText(
    `For ${LISTED_TOOL}: the profile that leads to the other server, as backups login writes it.`
  ),
  from_os_cloud: optionalText(`For ${LISTED_TOOL}: the cloud of clouds.yaml whose catalog is the other server.`),
  time_zone: Schema.optionalWith(TimeZone, absent),
  location: optionalText("Where the repository or folder is, for the locations of backups."),
  pattern: Schema.optionalWith(Pattern, absent),
  mapping: Schema.optionalWith(
    Schema.Union(Mapping, text("A file of them.")).annotations({ description: "Rules that rename instances." }),
    absent
  ),
  mode: Schema.optionalWith(
    ImportMode.annotations({
      description: "snapshot (default): this is all that the source has. merge: some of it, retire nothing."
    }),
    absent
  ),
  allow_empty: Schema.optionalWith(
    Schema.Boolean.annotations({ description: "Retire everything where the source has nothing left." }),
    absent
  ),
  account: Schema.optionalWith(
    described(AccountId, "The account that it is imported into. Default: that of the settings."),
    absent
  ),
  timeout: Schema.optionalWith(Timeout, absent)
})
type Members = typeof Members.Type

const inputsOfTools: Readonly<Record<ToolInput, ReadonlyArray<InputName>>> = {
  printed: ["file", "exec", "command"],
  saved: ["file", "command"],
  folder: ["folder"]
}

/** The inputs that a tool can be read from. */
const inputsOf = (tool: string): ReadonlyArray<InputName> => {
  const read = tools[tool]
  // No importer reads records.
  if (read === undefined) return ["file"]
  return tool === LISTED_TOOL ? [...inputsOfTools[read], "from_profile", "from_os_cloud"] : inputsOfTools[read]
}

// What only importers make something of.
const ofInventory = ["time_zone", "location", "pattern", "mapping"] as const

/** A member that means nothing beside the others. */
const uselessIn = (source: Members): string | undefined => {
  const { tool, timeout, exec, command, pattern } = source
  const useless = tool === RECORDS ? ofInventory.find((name) => source[name] !== undefined) : undefined
  if (useless !== undefined) return `must not have ${useless}: records are sent as they are`
  if (pattern !== undefined && tools[tool] !== "folder") return `must not have pattern: ${tool} reads no paths`
  return timeout !== undefined && exec === undefined && command === undefined
    ? "must not have timeout, which is for exec and command"
    : undefined
}

const wrongWith = (source: Members): string | undefined => {
  const given = inputs.filter((name) => source[name] !== undefined)
  const possible = inputsOf(source.tool)
  const other = given.find((name) => !possible.includes(name))
  if (other !== undefined) return `must not have ${other}: ${source.tool} is read from ${possible.join(" or ")}`
  if (given.length !== 1) {
    const has = given.length === 0 ? "none" : given.join(" and ")
    return `must have one of ${possible.join(" ")}, and has ${has}`
  }
  return uselessIn(source)
}

const has = (name: string) => ({ required: [name] })

const inputsText = (tool: string): string => inputsOf(tool).join()

/** What `wrongWith` refuses, as a JSON Schema has it. */
const memberRules = {
  allOf: [
    { oneOf: inputs.map(has) },
    ...[...new Set(toolNames.map(inputsText))].map((possible) => ({
      if: { properties: { tool: { enum: toolNames.filter((tool) => inputsText(tool) === possible) } } },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so
      then: { anyOf: possible.split(",").map(has) }
    })),
    {
      if: { properties: { tool: { enum: [RECORDS] } } },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so
      then: { not: { anyOf: ofInventory.map(has) } }
    },
    {
      if: has("pattern"),
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so
      then: { properties: { tool: { enum: folderTools } } }
    },
    {
      if: has("timeout"),
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so
      then: { anyOf: [has("exec"), has("command")] }
    }
  ]
}

/** One source of a configuration. */
export const SyncSource = Members.pipe(Schema.filter(wrongWith, { jsonSchema: memberRules }))
export type SyncSource = typeof SyncSource.Type

// Without an account it is that of the settings, which may be any.
const isSame = (a: SyncSource, b: SyncSource): boolean =>
  a.name === b.name && (a.account === undefined || b.account === undefined || a.account === b.account)

/** What is wrong with the first source that may be the same as an earlier one, by name and account. */
const repeatedIn = (sources: ReadonlyArray<SyncSource>): Schema.FilterIssue | undefined => {
  for (const [n, source] of sources.entries()) {
    const before = sources.findIndex((other) => isSame(other, source))
    if (before === n) continue
    const fixed = source.account !== undefined && source.account === sources[before]?.account
    const unless = fixed ? "" : ", unless each of the two has an account of its own"
    return { path: [n, "name"], message: `must not be that of sources[${before}] as well${unless}` }
  }
  return undefined
}

/** What `backups sync` imports: `backups.yaml`. */
export const SyncConfig = Schema.Struct({
  sources: Schema.Array(SyncSource).pipe(
    Schema.filter(
      (sources) => {
        if (sources.length === 0 || sources.length > MAX_SOURCES) return `must have 1 to ${MAX_SOURCES} sources`
        return repeatedIn(sources) ?? true
      },
      { jsonSchema: { minItems: 1, maxItems: MAX_SOURCES } }
    )
  )
})
export type SyncConfig = typeof SyncConfig.Type

const decode = Schema.decodeUnknownEither(SyncConfig, { onExcessProperty: "error" })

/**
 * The configuration that a value is; else what is wrong with it, as the end of a sentence that never quotes a value.
 */
export const decodeSyncConfig = (value: unknown): Either.Either<SyncConfig, string> =>
  Either.mapLeft(decode(value), (error) => describeSecretParseError(error, "it"))
