import type { Argument, Flag, Flags } from "@backup-catalog/command-line"
import { brief, type CompletedCommand, spellings } from "./CompletedCommand.ts"

// Inside single quotes and square brackets of an _arguments specification.
const quoted = (text: string): string => text.replace(/[[\]:\\]/g, "\\$&").replaceAll("'", "'\\''")

/** What offers words: in any case where they are in capitals, as a status may be given. */
const wordsOf = (choices: ReadonlyArray<string>): string => {
  const matcher = choices.every((word) => word === word.toUpperCase()) ? " -M m\\:{a-z}={A-Z}" : ""
  return `compadd${matcher} - ${choices.join(" ")}`
}

const offerOf = ({ file, choices }: Pick<Argument, "file" | "choices">): string => {
  if (file) return "_files"
  return choices === undefined ? " " : wordsOf(choices)
}

const specification = ([name, flag]: readonly [string, Flag]): ReadonlyArray<string> => {
  // Behind a comma another one may follow.
  const several = flag.repeatable && flag.choices !== undefined ? "_sequence " : ""
  const value = flag.value === undefined ? "" : `:${quoted(flag.value)}:${several}${offerOf(flag)}`
  return spellings(name, flag).map((spelling) => {
    const sign = flag.value !== undefined && spelling.startsWith("--") ? "=" : ""
    return `'${flag.repeatable ? "*" : ""}${spelling}${sign}[${quoted(brief(flag.help))}]${value}'`
  })
}

const specifications = (flags: Flags): ReadonlyArray<string> => Object.entries(flags).flatMap(specification)

const argumentOffer = (argument: Argument): string => {
  const [option, other] = argument.unless ?? []
  return option === undefined || other === undefined
    ? offerOf(argument)
    : `{if (( $words[(I)--${option}] )); then ${offerOf(other)}; else ${offerOf(argument)}; fi}`
}

const branch = ({ name, argument, secondArgument, flags }: CompletedCommand): string => {
  const lines = [
    ...specifications(flags),
    ...(argument === undefined
      ? []
      : [`'${argument.repeatable ? "*" : "1"}:${argument.name}:${argumentOffer(argument)}'`]),
    ...(secondArgument === undefined ? [] : [`'2:${secondArgument.name}:${offerOf(secondArgument)}'`])
  ]
  return `    ${name})\n      _arguments \\\n${lines.map((line) => `        ${line}`).join(" \\\n")}\n      ;;`
}

/** The completion script for zsh, to be sourced or put into a folder of `fpath` as `_backups`. */
export const zsh = (commands: ReadonlyArray<CompletedCommand>, root: Flags): string => `#compdef backups
_backups() {
  local curcontext="$curcontext" state line
  local -A opt_args
  _arguments -C -A '-*' \\
${specifications(root)
  .map((one) => `    ${one} \\`)
  .join("\n")}
    '1: :->command' \\
    '*:: :->arguments' && return
  if [[ $state == command ]]; then
    local -a commands=(
${commands.map(({ name, summary }) => `      '${name}:${quoted(summary)}'`).join("\n")}
    )
    _describe command commands
    return
  fi
  case "$words[1]" in
${commands.map(branch).join("\n")}
  esac
}
if [[ "$funcstack[1]" == _backups ]]; then _backups "$@"; else compdef _backups backups; fi
`
