import { parseArgs } from "node:util"
import { Either } from "effect"
import type { Argument, Command, Flags, Input } from "./Command.ts"
import { settingFlags } from "./Settings.ts"
import { UsageError } from "./UsageError.ts"

/** What a command line asks for. */
export type Invocation =
  | { readonly kind: "help"; readonly command: Command | undefined }
  | { readonly kind: "run"; readonly command: Command; readonly input: Input }

const common: Flags = { help: { short: "h", help: "Show this help." } }
/** Every option that may stand before the command. */
export const rootFlags: Flags = { ...common, ...settingFlags, version: { help: "Show the version." } }

/** Every option that a command takes. */
export const flagsOf = (command: Command): Flags => ({
  ...command.flags,
  ...(command.kind === "catalog" ? settingFlags : {}),
  ...common
})

const parse = (args: ReadonlyArray<string>, flags: Flags) =>
  parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { short, value }]) => [
        name,
        { type: value === undefined ? "boolean" : "string", ...(short === undefined ? {} : { short }) } as const
      ])
    )
  }).tokens

type Token = ReturnType<typeof parse>[number]
type TakenArguments = Pick<Command, "argument" | "secondArgument" | "rest">
type OptionToken = Extract<Token, { kind: "option" }>

const checkOption = (
  { name, rawName, value, inlineValue }: OptionToken,
  flags: Flags,
  again: boolean
): string | undefined => {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (flag === undefined) return `The option ${rawName} is not known.`
  if (flag.value === undefined) return value === undefined ? undefined : `The option ${rawName} takes no value.`
  if (value === undefined) return `The option ${rawName} needs a value: ${flag.value}.`
  if (value === "") return `The option ${rawName} is empty; leave it out, or give it a value.`
  if (!inlineValue && value.startsWith("-") && value !== "-") {
    const shown = name === "token" ? { value: "what follows", example: "…" } : { value, example: value }
    return `The option ${rawName} needs a value; if ${shown.value} is meant to be it, write --${name}=${shown.example}.`
  }
  return again && !flag.repeatable ? `The option ${rawName} is given twice and takes one value.` : undefined
}

/** How many arguments a command takes at the most. */
const mostArguments = ({ argument, secondArgument }: TakenArguments): number => {
  if (argument === undefined) return 0
  return argument.repeatable ? Number.POSITIVE_INFINITY : secondArgument === undefined ? 1 : 2
}

const missing = (argument: Argument, options: ReadonlyMap<string, unknown>): string => {
  const [option = "", other = argument] = argument.unless ?? []
  const { name, help } = options.has(option) ? other : argument
  return `The argument ${name} is missing: ${help}`
}

const readInput = (
  tokens: ReadonlyArray<Token>,
  flags: Flags,
  taken: TakenArguments = {}
): Either.Either<Input, string> => {
  const { argument } = taken
  const options = new Map<string, Array<string>>()
  const positionals: Array<string> = []
  let rest: Array<string> | undefined
  for (const token of tokens) {
    if (token.kind === "option-terminator" && taken.rest !== undefined) rest = []
    if (token.kind === "positional") (rest ?? positionals).push(token.value)
    if (token.kind !== "option") continue
    const wrong = checkOption(token, flags, options.has(token.name))
    if (wrong !== undefined) return Either.left(wrong)
    options.set(token.name, [...(options.get(token.name) ?? []), ...(token.value === undefined ? [] : [token.value])])
  }
  const extra = positionals[mostArguments(taken)]
  if (extra !== undefined) return Either.left(`The argument ${extra} is one too many.`)
  if (argument !== undefined && (positionals.length === 0 || positionals.includes(""))) {
    return Either.left(missing(argument, options))
  }
  return Either.right({
    value: (name) => options.get(name)?.[0],
    values: (name) => options.get(name) ?? [],
    given: (name) => options.has(name),
    argument: positionals[0] ?? "",
    arguments: positionals,
    rest
  })
}

/** The invocation that a command line means, or the error that says what is wrong with it. */
export const readArguments = (
  args: ReadonlyArray<string>,
  commands: ReadonlyArray<Command>
): Either.Either<Invocation, UsageError> => {
  const refuse = (message: string, hint: string) => Either.left(new UsageError({ message, hint }))
  const names = commands.map(({ name }) => name).join(" ")

  const tokens = parse(args, rootFlags)
  const at = tokens.find((token) => token.kind === "positional")
  const root = readInput(
    tokens.filter((token) => at === undefined || token.index < at.index),
    rootFlags
  )
  if (Either.isLeft(root)) {
    return refuse(at === undefined ? root.left : `${root.left} Options of a command come after it.`, "backups --help")
  }
  if (root.right.given("help")) return Either.right({ kind: "help", command: undefined })
  const find = (wanted: string) => commands.find(({ name }) => name === wanted)
  if (root.right.given("version")) {
    const version = find("version")
    if (version !== undefined) return Either.right({ kind: "run", command: version, input: root.right })
  }
  if (at === undefined) return refuse(`No command is given; there are ${names}.`, "backups --help")
  const command = find(at.value)
  if (command === undefined) {
    return refuse(`The command ${at.value || '""'} is not known; there are ${names}.`, "backups --help")
  }

  const flags = flagsOf(command)
  const given = parse([...args.slice(0, at.index), ...args.slice(at.index + 1)], flags)
  // Whoever asks for help may have the rest of the line wrong.
  if (given.some((token) => token.kind === "option" && token.name === "help")) {
    return Either.right({ kind: "help", command })
  }
  const input = readInput(given, flags, command)
  if (Either.isLeft(input)) return refuse(input.left, `backups ${command.name} --help`)
  return Either.right({ kind: "run", command, input: input.right })
}
