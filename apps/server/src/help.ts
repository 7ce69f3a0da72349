import { type CliConfig, CommandDescriptor, type HelpDoc, type Span } from "@effect/cli"
import { unknownOrFile } from "./commands/fileArgument.ts"

const textOf = (span: Span.Span): string => {
  switch (span._tag) {
    case "Sequence":
      return textOf(span.left) + textOf(span.right)
    case "Text":
    case "URI":
      return span.value
    default:
      return textOf(span.value)
  }
}

const blocksOf = (doc: HelpDoc.HelpDoc): ReadonlyArray<HelpDoc.HelpDoc> =>
  doc._tag === "Sequence" ? [...blocksOf(doc.left), ...blocksOf(doc.right)] : doc._tag === "Empty" ? [] : [doc]

interface Entry {
  readonly term: string
  readonly text: string
  readonly needed: boolean
  readonly repeatable: boolean
}

// The library says of each what kind of text it is, then what we say of it, then where else it may come from.
const entryOf = ([span, doc]: readonly [Span.Span, HelpDoc.HelpDoc]): Entry => {
  const sentences = blocksOf(doc).flatMap((block) => (block._tag === "Paragraph" ? [textOf(block.value)] : []))
  return {
    term: textOf(span)
      .replace(/ text(\.\.\.)?$/, " VALUE")
      .replace(/^<(.*)>$/, "$1"),
    text: sentences[1] ?? "",
    needed: !sentences.some((sentence) => /setting is optional|repeated zero or more times/.test(sentence)),
    repeatable: sentences.some((sentence) => sentence.includes("repeated zero or more times"))
  }
}

type Described = { readonly descriptor: CommandDescriptor.Command<unknown> }

const isOption = ({ term }: Entry): boolean => term.startsWith("--")

const entriesOf = (blocks: ReadonlyArray<HelpDoc.HelpDoc>): ReadonlyArray<Entry> =>
  blocks.flatMap((block) => (block._tag === "DescriptionList" ? block.definitions.map(entryOf) : []))

const unknown = (name: string, operands: ReadonlyArray<Entry>): string =>
  operands.some(({ term }) => term === "FILE") ? unknownOrFile(name) : `There is no option ${name}.`

/** What is wrong with the arguments of a command, as far as its help tells, in words that the library does not have. */
export const misuseOf = (
  { descriptor }: Described,
  config: CliConfig.CliConfig,
  args: ReadonlyArray<string>
): string | undefined => {
  const entries = entriesOf(blocksOf(CommandDescriptor.getHelp(descriptor, config)))
  const options = new Map(entries.filter(isOption).map((entry) => [entry.term.replace(/ .*$/, ""), entry]))
  const operands = entries.filter((entry) => !isOption(entry))
  const seen = new Set<string>()
  const given: Array<string> = []
  for (let n = 0; n < args.length; n++) {
    const arg = args[n] ?? ""
    const [name = "", value] = arg.split("=", 2)
    const option = options.get(name)
    if (option === undefined) {
      if (arg.startsWith("--")) return unknown(name, operands)
      given.push(arg)
      continue
    }
    if (seen.has(name) && !option.repeatable) return `${name} is given more than once.`
    seen.add(name)
    if (!option.term.includes(" ") || value !== undefined) continue
    n++
    if (args[n] === undefined) return `${name} needs a value.`
  }
  const lacking =
    [...options].find(([name, { needed }]) => needed && !seen.has(name))?.[0] ?? operands[given.length]?.term
  if (lacking !== undefined) return `${lacking} is missing.`
  const [beyond] = given.slice(operands.length)
  return beyond === undefined ? undefined : `There is one argument too many: ${beyond}.`
}

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

const PROGRAM = "backup-catalog-server"
const INDENT = 27
const MAX_WIDTH = 100

const section = (
  title: string,
  entries: ReadonlyArray<Pick<Entry, "term" | "text">>,
  width: number,
  indent = INDENT
): ReadonlyArray<string> =>
  entries.length === 0
    ? []
    : [
        "",
        `${title}:`,
        ...entries.flatMap(({ term, text }) => {
          const [first = "", ...rest] = wrap(text, Math.max(20, width - indent))
          const head = `  ${term}`
          return [
            ...(head.length + 2 <= indent ? [head.padEnd(indent) + first] : [head, " ".repeat(indent) + first]),
            ...rest.map((line) => " ".repeat(indent) + line)
          ]
        })
      ]

/**
 * The help of the whole program, by the names of its commands and what they do, for a screen of so many columns. The
 * library's own puts every option of every command into one line each, hundreds of columns wide.
 */
export const programHelp = (commands: ReadonlyArray<readonly [string, string]>, columns: number): string => {
  const width = Math.min(columns, MAX_WIDTH)
  const entries = commands.map(([term, text]) => ({ term, text }))
  return [
    ...wrap("One list of every backup of an account, over the API of OpenStack Trove.", width),
    "",
    "Usage:",
    `  ${PROGRAM} COMMAND [OPTION]…`,
    ...section("Commands", entries, width, Math.max(...entries.map(({ term }) => term.length)) + 4),
    "",
    ...wrap(`${PROGRAM} COMMAND --help explains a command, --version shows the version.`, width)
  ].join("\n")
}

/**
 * The help of one command, for a screen of so many columns. The library's own takes eight lines
 * for each option, and is coloured in a pipe too.
 */
export const commandHelp = (
  name: string,
  { descriptor }: Described,
  config: CliConfig.CliConfig,
  columns: number
): string => {
  const width = Math.min(columns, MAX_WIDTH)
  const blocks = blocksOf(CommandDescriptor.getHelp(descriptor, config))
  const description = blocks.flatMap((block) => (block._tag === "Paragraph" ? [`${textOf(block.value)}.`] : []))
  const entries = entriesOf(blocks)
  const options = entries.filter(isOption)
  const operands = entries.filter((entry) => !isOption(entry))
  const usage = [
    `${PROGRAM} ${name}`,
    ...options.filter(({ needed }) => needed).map(({ term }) => term),
    "[OPTION]…",
    ...operands.map(({ term }) => term)
  ]
  return [
    ...wrap(description.join(" "), width),
    "",
    "Usage:",
    `  ${usage.join(" ")}`,
    ...section(operands.length === 1 ? "Argument" : "Arguments", operands, width),
    ...section("Options", options, width)
  ].join("\n")
}
