import { type CliConfig, CommandDescriptor, type HelpDoc, type Span } from "@effect/cli"

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

/** An option or an operand of a command. */
export interface Entry {
  /** `--port VALUE`, `--demo` or `FILE`. */
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

/** A command that describes itself. */
export type Described = { readonly descriptor: CommandDescriptor.Command<unknown> }

const entriesIn = (blocks: ReadonlyArray<HelpDoc.HelpDoc>) => {
  const entries = blocks.flatMap((block) => (block._tag === "DescriptionList" ? block.definitions.map(entryOf) : []))
  const isOption = ({ term }: Entry): boolean => term.startsWith("--")
  return { options: entries.filter(isOption), operands: entries.filter((entry) => !isOption(entry)) }
}

/** What a command takes, in the order of its help. */
export const entriesOf = (
  { descriptor }: Described,
  config: CliConfig.CliConfig
): Readonly<Record<"options" | "operands", ReadonlyArray<Entry>>> =>
  entriesIn(blocksOf(CommandDescriptor.getHelp(descriptor, config)))

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
  const { options, operands } = entriesIn(blocks)
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
