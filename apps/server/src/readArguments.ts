import type { CliConfig } from "@effect/cli"
import { Either } from "effect"
import { unknownOrFile } from "./commands/fileArgument.ts"
import { type Described, type Entry, entriesOf } from "./help.ts"

const takesValue = ({ term }: Entry): boolean => term.includes(" ")

/** What is wrong with an option that is there, by itself. */
const problemOf = (name: string, option: Entry, isAgain: boolean, value: string | undefined): string | undefined => {
  if (isAgain && !option.repeatable) return `${name} is given more than once.`
  if (!takesValue(option)) return value === undefined ? undefined : `${name} takes no value.`
  return value ? undefined : `${name} needs a value.`
}

const notKnown = (arg: string, operands: ReadonlyArray<Entry>): string =>
  arg !== "--" && operands.some(({ term }) => term === "FILE")
    ? unknownOrFile(arg)
    : `There is no option ${arg.replace(/=.*$/s, "")}.`

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
  const byName = new Map(options.map((entry) => [entry.term.replace(/ .*$/, ""), entry]))
  const seen = new Set<string>()
  const given: Array<string> = []
  const ordered: Array<string> = []
  for (let n = 0; n < args.length; n++) {
    const arg = args[n] ?? ""
    const [name = "", ...rest] = arg.split("=")
    const option = byName.get(name)
    if (option === undefined) {
      // Alone it is a stream.
      if (/^-./.test(arg)) return Either.left(notKnown(arg, operands))
      given.push(arg)
      continue
    }
    const inside = rest.length === 0 ? undefined : rest.join("=")
    const value = inside ?? (takesValue(option) ? args[++n] : undefined)
    const problem = problemOf(name, option, seen.has(name), value)
    if (problem !== undefined) return Either.left(problem)
    seen.add(name)
    ordered.push(name, ...(value === undefined ? [] : [value]))
  }
  const lacking =
    [...byName].find(([name, { needed }]) => needed && !seen.has(name))?.[0] ?? operands[given.length]?.term
  if (lacking !== undefined) return Either.left(`${lacking} is missing.`)
  const beyond = given[operands.length]
  return beyond === undefined ? Either.right([...ordered, ...given]) : Either.left(tooMuch(beyond))
}
