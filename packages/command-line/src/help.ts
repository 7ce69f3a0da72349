import type { Argument, Command, Flag, Flags, Program } from "./Command.ts"

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

type Entry = readonly [term: string, text: string]

const MOST_INDENT = 26

const indentOf = (list: ReadonlyArray<Entry>): number =>
  Math.min(MOST_INDENT, Math.max(...list.map(([term]) => term.length)) + 4)

const entries = (list: ReadonlyArray<Entry>, width: number, indent = indentOf(list)): string => {
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

const section = (title: string, body: string): string => `${title}:\n${body}\n`

const option = (name: string, { value }: Flag): string => `--${name}${value === undefined ? "" : ` ${value}`}`

/** Where else the value of an option comes from: its variable, and what counts where neither is given. */
const origins = ({ variable, repeatable, default: fallback, otherwise = fallback }: Flag): string => {
  const parts = [
    ...(variable === undefined ? [] : [repeatable ? `${variable}, with spaces between several` : variable]),
    ...(otherwise === undefined ? [] : [`default: ${otherwise}`])
  ]
  return parts.length === 0 ? "" : ` [${parts.join(", ")}]`
}

/** The options by the titles that they stand under, in the order in which those come first. */
const sectionsOf = (flags: Flags): ReadonlyMap<string, ReadonlyArray<Entry>> => {
  // Of those that nobody may write with one letter, none is moved to the right for it.
  const unshort = Object.values(flags).some(({ short }) => short !== undefined) ? "    " : ""
  const sections = new Map<string, ReadonlyArray<Entry>>()
  for (const [name, flag] of Object.entries(flags)) {
    const { section: title = "Options", short, repeatable, help } = flag
    const term = `${short === undefined ? unshort : `-${short}, `}${option(name, flag)}`
    const text = `${help}${repeatable ? " May be repeated." : ""}${origins(flag)}`
    sections.set(title, [...(sections.get(title) ?? []), [term, text]])
  }
  return sections
}

const flagSections = (flags: Flags, width: number): ReadonlyArray<string> => {
  const sections = [...sectionsOf(flags)]
  const indent = indentOf(sections.flatMap(([, list]) => list))
  return sections.map(([title, list]) => section(title, entries(list, width, indent)))
}

const argumentTerm = ({ name, repeatable }: Argument): string => (repeatable ? `${name}…` : name)

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
export const programHelp = <C extends Command>(
  { name: program, summary: about, flags }: Program<C>,
  commands: ReadonlyArray<C>,
  columns = MAX_WIDTH
): string => {
  const width = Math.min(columns, MAX_WIDTH)
  return [
    `${wrap(about, width).join("\n")}\n`,
    section("Usage", `  ${program} COMMAND [OPTION]…`),
    section(
      "Commands",
      entries(
        commands.map(({ name, summary }) => [name, summary] as const),
        width
      )
    ),
    ...flagSections(flags, width),
    `${wrap(`${program} COMMAND --help explains a command; ${program} --version shows the version.`, width).join("\n")}\n`
  ].join("\n")
}

const usageOf = (program: string, { name, argument, secondArgument, rest }: Command, flags: Flags): string =>
  [
    program,
    name,
    ...(argument === undefined ? [] : [argumentTerm(argument)]),
    ...(secondArgument === undefined ? [] : [`[${secondArgument.name}]`]),
    ...Object.entries(flags).flatMap(([flag, value]) => (value.required ? [option(flag, value)] : [])),
    ...(Object.keys(flags).length > 0 ? ["[OPTION]…"] : []),
    ...(rest === undefined ? [] : [`[-- ${argumentTerm(rest)}]`])
  ].join(" ")

/** The help of one command, for a screen of so many columns. */
export const commandHelp = <C extends Command>(program: Program<C>, command: C, columns = MAX_WIDTH): string => {
  const width = Math.min(columns, MAX_WIDTH)
  const { summary, details, argument, secondArgument, rest, variables = [] } = command
  const flags = { ...command.flags, ...(program.takesThem(command) ? program.flags : {}) }
  const taken = [argument, secondArgument, rest].filter((one) => one !== undefined)
  const parts = [
    `${wrap(details === undefined ? summary : `${summary} ${details}`, width).join("\n")}\n`,
    section("Usage", `  ${usageOf(program.name, command, flags)}`)
  ]
  if (taken.length > 0) {
    const list = taken.map((one) => [argumentTerm(one), one.help] as const)
    parts.push(section(taken.length === 1 ? "Argument" : "Arguments", entries(list, width)))
  }
  parts.push(...flagSections(flags, width))
  if (variables.length > 0) parts.push(section("Variables without an option", entries(variables, width)))
  parts.push(section("Examples", examples(command.examples, width)))
  return parts.join("\n")
}
