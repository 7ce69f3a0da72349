import type { CliConfig } from "@effect/cli"
import { Either } from "effect"
import { unknownOrFile } from "./commands/fileArgument.ts"
import { type Described, type Entry, entriesOf } from "./help.ts"

/** An option that is there, with its value where it takes one. */
type Option = readonly [name: string] | readonly [name: string, value: string]

/** Arguments, told apart. */
interface Given {
  readonly options: ReadonlyArray<Option>
  readonly operands: ReadonlyArray<string>
}

/** Reads an option from behind its name: from behind an equals sign, or from the next argument. */
const readOption = (
  { term }: Entry,
  name: string,
  inside: string | undefined,
  next: string | undefined
): Either.Either<Option, string> => {
  if (!term.includes(" ")) return inside === undefined ? Either.right([name]) : Either.left(`${name} takes no value.`)
  // Nothing behind an equals sign was forgotten; an argument of its own that is empty may be meant.
  const value = inside ?? next
  if (value === undefined || inside === "") return Either.left(`${name} needs a value.`)
  const words = term.replace(/^\S+ /, "").split(" | ")
  return words.length === 1 || words.includes(value)
    ? Either.right([name, value])
    : Either.left(`${name} must be one of ${words.join(" ")}; not ${value}.`)
}

const tellApart = (
  args: ReadonlyArray<string>,
  entries: ReadonlyMap<string, Entry>,
  notKnown: (arg: string) => string
): Either.Either<Given, string> => {
  const options: Array<Option> = []
  const operands: Array<string> = []
  for (let n = 0; n < args.length; n++) {
    const [arg = "", next] = args.slice(n, n + 2)
    const [name = arg, inside] = /^(.*?)=(.*)$/s.exec(arg)?.slice(1) ?? []
    const entry = entries.get(name)
    if (entry !== undefined) {
      const option = readOption(entry, name, inside, next)
      if (Either.isLeft(option)) return Either.left(option.left)
      options.push(option.right)
      if (option.right.length === 2 && inside === undefined) n++
    } else {
      // Alone it is a stream.
      if (/^-./.test(arg)) return Either.left(notKnown(arg))
      operands.push(arg)
    }
  }
  return Either.right({ options, operands })
}

// It may be the address of a store, with a password.
const tooMuch = (arg: string): string =>
  arg.includes("@") ? "There is one argument too many." : `There is one argument too many: ${arg}.`

/**
 * The arguments of a command with its options in front, which the library wants there, or what is wrong with them, as far as
 * the help of the command tells: in sentences, which the library does not have.
 */
export const readArguments = (
  command: Described,
  config: CliConfig.CliConfig,
  args: ReadonlyArray<string>
): Either.Either<ReadonlyArray<string>, string> => {
  const { options, operands } = entriesOf(command, config)
  const entries = new Map(options.map((entry) => [entry.term.replace(/ .*$/, ""), entry]))
  const notKnown = (arg: string): string =>
    arg !== "--" && operands.some(({ term }) => term === "FILE")
      ? unknownOrFile(arg)
      : `There is no option ${arg.replace(/=.*$/s, "")}.`
  return Either.flatMap(tellApart(args, entries, notKnown), (given) => {
    const names = given.options.map(([name]) => name)
    const twice = names.find((name, n) => names.indexOf(name) !== n && entries.get(name)?.repeatable === false)
    if (twice !== undefined) return Either.left(`${twice} is given more than once.`)
    const lacking =
      [...entries].find(([name, { needed }]) => needed && !names.includes(name))?.[0] ??
      operands[given.operands.length]?.term
    if (lacking !== undefined) return Either.left(`${lacking} is missing.`)
    const beyond = given.operands[operands.length]
    return beyond === undefined
      ? Either.right([...given.options.flat(), ...given.operands])
      : Either.left(tooMuch(beyond))
  })
}
