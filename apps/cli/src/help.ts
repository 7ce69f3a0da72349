import type { Argument, Command, Flag, Flags } from "./Command.ts"
import { settingFlags } from "./Settings.ts"

const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === "" ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

const entries = (list: ReadonlyArray<readonly [term: string, text: string]>, width: number): string => {
  const indent = Math.min(26, Math.max(...list.map(([term]) => term.length)) + 4)
  const body = Math.max(20, width - indent)
  return list
    .map(([term, text]) => {
      const [first = "", ...rest] = wrap(text, body)
      const head = `  ${term}`
      const lead = head.length + 2 <= indent ? head.padEnd(indent) : `${head}\n${" ".repeat(indent)}`
      return [lead + first, ...rest.map((line) => " ".repeat(indent) + line)].join("\n")
    })
    .join("\n")
}

const term = ([name, { short, value }]: readonly [string, Flag]): string =>
  `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`

const flagEntries = (flags: Flags, width: number): string =>
  entries(
    Object.entries(flags).map(
      ([name, flag]) => [term([name, flag]), `${flag.help}${flag.repeatable ? " May be repeated." : ""}`] as const
    ),
    width
  )

const argumentTerm = ({ name, repeatable }: Argument): string => (repeatable ? `${name}…` : name)

const section = (title: string, body: string): string => `${title}:\n${body}\n`

const examples = (list: Command["examples"], width: number): string =>
  list
    .map(
      ([line, meaning]) =>
        `  ${line}\n${wrap(meaning, width - 6)
          .map((text) => `      ${text}`)
          .join("\n")}`
    )
    .join("\n")

const MAX_WIDTH = 100

/** The help of the whole program, for a screen of so many columns. */
export const programHelp = (commands: ReadonlyArray<Command>, columns = MAX_WIDTH): string => {
  const width = Math.min(columns, MAX_WIDTH)
  return [
    `${wrap("One list of every backup of an account.", width).join("\n")}\n`,
    section("Usage", "  backups COMMAND [OPTION]…"),
    section(
      "Commands",
      entries(
        commands.map(({ name, summary }) => [name, summary] as const),
        width
      )
    ),
    section("Where the catalog is", flagEntries(settingFlags, width)),
    `${wrap("backups COMMAND --help explains a command; backups --version shows the version.", width).join("\n")}\n`
  ].join("\n")
}

/** The help of one command, for a screen of so many columns. */
export const commandHelp = (command: Command, columns = MAX_WIDTH): string => {
  const width = Math.min(columns, MAX_WIDTH)
  const { name, summary, details, argument, secondArgument, rest, flags } = command
  const usage = [
    "backups",
    name,
    ...(argument === undefined ? [] : [argumentTerm(argument)]),
    ...(secondArgument === undefined ? [] : [`[${secondArgument.name}]`])
  ].join(" ")
  const hasOptions = Object.keys(flags).length > 0 || command.kind === "catalog"
  const behind = rest === undefined ? "" : ` [-- ${argumentTerm(rest)}]`
  const about = details === undefined ? summary : `${summary} ${details}`
  const parts = [
    `${wrap(about, width).join("\n")}\n`,
    section("Usage", `  ${usage}${hasOptions ? " [OPTION]…" : ""}${behind}`)
  ]
  const taken = [argument, secondArgument, rest].filter((one) => one !== undefined)
  if (taken.length > 0) {
    const title = taken.length === 1 ? "Argument" : "Arguments"
    parts.push(
      section(
        title,
        entries(
          taken.map((one) => [argumentTerm(one), one.help] as const),
          width
        )
      )
    )
  }
  if (Object.keys(flags).length > 0) parts.push(section("Options", flagEntries(flags, width)))
  if (command.kind === "catalog") parts.push(section("Where the catalog is", flagEntries(settingFlags, width)))
  parts.push(section("Examples", examples(command.examples, width)))
  return parts.join("\n")
}
