import { parseArgs } from "node:util"
import { Either } from "effect"
import type { Argument, Command, Flag, Flags, Program } from "./Command.ts"
import type { Input, Setting } from "./Input.ts"

/** What a command line asks for. */
export type Invocation<C extends Command = Command> =
  | { readonly kind: "help"; readonly command: C | undefined }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly command: C; readonly input: Input }

/** Why a command line means nothing. */
export interface Refusal {
  /** One sentence. */
  readonly message: string
  /** The command line that explains what would be right. */
  readonly hint: string
}

/** Variables of the environment; one that is empty counts as not set. */
export type Variables = Readonly<Record<string, string | undefined>>

const common: Flags = { help: { short: "h", help: "Show this help." } }

/** Every option that may stand before the command. */
export const rootFlagsOf = <C extends Command>({ flags }: Program<C>): Flags => ({
  ...common,
  ...flags,
  version: { help: "Show the version." }
})

/** Every option that a command takes, in the order of its help. */
export const flagsOf = <C extends Command>(program: Program<C>, command: C): Flags => ({
  ...command.flags,
  ...(program.takesThem(command) ? program.flags : {}),
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
type TakenArguments = Pick<Command, "argument" | "secondArgument" | "rest"> & Partial<Pick<Command, "name">>
type OptionToken = Extract<Token, { kind: "option" }>

/** The arguments of a command, and what they were told apart into. */
interface Line {
  readonly args: ReadonlyArray<string>
  readonly tokens: ReadonlyArray<Token>
}

const checkOption = (
  { name, rawName, value, inlineValue }: OptionToken,
  flag: Flag | undefined,
  again: boolean
): string | undefined => {
  if (flag === undefined) return `The option ${rawName} is not known.`
  if (flag.value === undefined) return value === undefined ? undefined : `The option ${rawName} takes no value.`
  if (value === undefined) return `The option ${rawName} needs a value: ${flag.value}.`
  if (value === "" && !flag.mayBeEmpty) return `The option ${rawName} is empty; leave it out, or give it a value.`
  // No option is a number.
  if (!inlineValue && /^-(?!$|\d+$)/.test(value)) {
    const shown = flag.secret ? { value: "what follows", example: "…" } : { value, example: value }
    return `The option ${rawName} needs a value; if ${shown.value} is meant to be it, write --${name}=${shown.example}.`
  }
  return again && !flag.repeatable ? `The option ${rawName} is given twice and takes one value.` : undefined
}

/** What is said of something that begins with a dash where a file may be meant. */
const unknownOrFile = (arg: string): string =>
  `The option ${arg} is not known; a file whose name begins with - is written ./${arg}.`

const lacks = (name: string, { value, help }: Flag): string =>
  `The option --${name} is missing. It takes ${value}. ${help}`

/** How many arguments a command takes at the most. */
const mostArguments = ({ argument, secondArgument }: TakenArguments): number => {
  if (argument === undefined) return 0
  return argument.repeatable ? Number.POSITIVE_INFINITY : secondArgument === undefined ? 1 : 2
}

/** A help within a sentence. */
const within = (help: string): string => help.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase())

const missing = (argument: Argument, options: ReadonlyMap<string, unknown>): string => {
  const [option = "", other = argument] = argument.unless ?? []
  const { name, help } = options.has(option) ? other : argument
  return `The argument ${name} is missing: ${within(help)}`
}

const tooMany = (taken: TakenArguments, extra: string): string => {
  const most = mostArguments(taken)
  const takes = `${taken.name} takes ${["no argument", "one argument", "two arguments"][most]}`
  // It may be an address with a password in it.
  return extra.includes("@") ? `${takes}, and got more.` : `${takes}, but got ${extra}${most === 0 ? "" : " as well"}.`
}

const checkArguments = (
  positionals: ReadonlyArray<string>,
  options: ReadonlyMap<string, unknown>,
  taken: TakenArguments
): string | undefined => {
  const { argument } = taken
  const extra = positionals[mostArguments(taken)]
  if (extra !== undefined) return tooMany(taken, extra)
  return argument !== undefined && (positionals.length === 0 || positionals.includes(""))
    ? missing(argument, options)
    : undefined
}

/** The values of an option: those that were given, else those of its variable, else its default. */
const settingsOf = (
  name: string,
  { value: takesValue, variable, repeatable, default: fallback }: Flag,
  given: ReadonlyArray<string> | undefined,
  variables: Variables
): ReadonlyArray<Setting> => {
  const flag = `--${name}`
  if (given !== undefined) {
    return (takesValue === undefined ? ["true"] : given).map((value) => ({ name: flag, value }))
  }
  const text = variable === undefined ? undefined : variables[variable]
  if (variable !== undefined && text) {
    const texts = repeatable ? text.split(/\s+/).filter((one) => one !== "") : [text]
    return texts.map((value) => ({ name: variable, value }))
  }
  return fallback === undefined ? [] : [{ name: flag, value: fallback }]
}

/** The parts of a line, each option with its values in their order. */
interface Parts {
  readonly options: ReadonlyMap<string, ReadonlyArray<string>>
  readonly positionals: ReadonlyArray<string>
  readonly rest: ReadonlyArray<string> | undefined
}

const tellApart = ({ args, tokens }: Line, flags: Flags, taken: TakenArguments): Either.Either<Parts, string> => {
  const options = new Map<string, ReadonlyArray<string>>()
  const positionals: Array<string> = []
  let rest: Array<string> | undefined
  for (const token of tokens) {
    if (token.kind === "option-terminator" && taken.rest !== undefined) rest = []
    if (token.kind === "positional") (rest ?? positionals).push(token.value)
    if (token.kind !== "option") continue
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined
    if (flag === undefined && taken.argument?.file) {
      return Either.left(unknownOrFile((args[token.index] ?? token.rawName).replace(/=.*$/s, "")))
    }
    const wrong = checkOption(token, flag, options.has(token.name))
    if (wrong !== undefined) return Either.left(wrong)
    options.set(token.name, [...(options.get(token.name) ?? []), ...(token.value === undefined ? [] : [token.value])])
  }
  return Either.right({ options, positionals, rest })
}

const readInput = (
  line: Line,
  flags: Flags,
  taken: TakenArguments = {},
  variables: Variables = {}
): Either.Either<Input, string> =>
  Either.flatMap(tellApart(line, flags, taken), ({ options, positionals, rest }) => {
    const wrong = checkArguments(positionals, options, taken)
    if (wrong !== undefined) return Either.left(wrong)
    const settings = new Map(
      Object.entries(flags).map(([name, flag]) => [name, settingsOf(name, flag, options.get(name), variables)])
    )
    const [lacking] = Object.entries(flags).filter(
      ([name, { required }]) => required && settings.get(name)?.length === 0
    )
    if (lacking !== undefined) return Either.left(lacks(...lacking))
    return Either.right({
      settings: (name) => settings.get(name) ?? [],
      value: (name) => settings.get(name)?.[0]?.value,
      values: (name) => (settings.get(name) ?? []).map(({ value }) => value),
      given: (name) => options.has(name),
      argument: positionals[0] ?? "",
      arguments: positionals,
      rest
    })
  })

/** What is said of the first word of commands that have two. */
const needsAnother = (word: string, names: ReadonlyArray<string>): string =>
  `${word} needs another word: ${names.map((name) => name.slice(word.length + 1)).join(", ")}.`

const noCommand = (word: string, names: ReadonlyArray<string>): string => {
  const shown = word === "" ? '""' : word
  const known = names.join(", ")
  return word.includes("@")
    ? `This is not a command; there are ${known}.`
    : `The command ${shown} is not known; there are ${known}.`
}

/** The invocation that a command line means, or what is wrong with it. */
export const readArguments = <C extends Command>(
  program: Program<C>,
  commands: ReadonlyArray<C>,
  args: ReadonlyArray<string>,
  variables: Variables = {}
): Either.Either<Invocation<C>, Refusal> => {
  const refuse = (message: string, ...words: ReadonlyArray<string>) =>
    Either.left({ message, hint: [program.name, ...words, "--help"].join(" ") })
  const names = commands.map(({ name }) => name)

  const rootFlags = rootFlagsOf(program)
  const tokens = parse(args, rootFlags)
  const at = tokens.find((token) => token.kind === "positional")
  const before = tokens.filter((token) => at === undefined || token.index < at.index)
  const root = readInput({ args, tokens: before }, rootFlags)
  if (Either.isLeft(root)) {
    return refuse(at === undefined ? root.left : `${root.left} Options of a command come after it.`)
  }
  if (root.right.given("help")) return Either.right({ kind: "help", command: undefined })
  if (root.right.given("version")) return Either.right({ kind: "version" })
  if (at === undefined) return refuse(`No command is given; there are ${names.join(", ")}.`)

  if (at.value === "help") {
    // Behind a -- the --help would be an argument.
    const words = args.slice(at.index + 1).filter((arg) => arg !== "--")
    return readArguments(program, commands, [...words, "--help"], variables)
  }

  const command = commands.find(({ name }) => name.split(" ").every((word, n) => args[at.index + n] === word))
  if (command === undefined) {
    const near = names.filter((name) => name.startsWith(`${at.value} `))
    return near.length > 0 && tokens.some((token) => token.kind === "option" && token.name === "help")
      ? Either.right({ kind: "help", command: undefined })
      : refuse(near.length > 0 ? needsAnother(at.value, near) : noCommand(at.value, names))
  }

  const flags = flagsOf(program, command)
  const own = [...args.slice(0, at.index), ...args.slice(at.index + command.name.split(" ").length)]
  const given = parse(own, flags)
  // Whoever asks for help may have the rest of the line wrong.
  if (given.some((token) => token.kind === "option" && token.name === "help")) {
    return Either.right({ kind: "help", command })
  }
  const input = readInput({ args: own, tokens: given }, flags, command, variables)
  if (Either.isLeft(input)) return refuse(input.left, command.name)
  return Either.right({ kind: "run", command, input: input.right })
}
