import type { Flag } from "../Command.ts"
import { brief, type CompletedCommand, spellings } from "./CompletedCommand.ts"

// Inside single quotes and square brackets of an _arguments specification.
const quoted = (text: string): string => text.replace(/[[\]:\\]/g, "\\$&").replaceAll("'", "'\\''")

const specification = ([name, flag]: readonly [string, Flag]): ReadonlyArray<string> => {
  const offered = flag.file ? "_files" : flag.choices ? `(${flag.choices.join(" ")})` : " "
  const value = flag.value === undefined ? "" : `:${quoted(flag.value)}:${offered}`
  return spellings(name, flag).map((spelling) => {
    const sign = flag.value !== undefined && spelling.startsWith("--") ? "=" : ""
    return `        '${flag.repeatable ? "*" : ""}${spelling}${sign}[${quoted(brief(flag.help))}]${value}'`
  })
}

const branch = ({ name, argument, secondArgument, flags }: CompletedCommand): string => {
  const lines = Object.entries(flags).flatMap(specification)
  if (argument !== undefined) {
    lines.push(
      `        '${argument.repeatable ? "*" : "1"}:${argument.name}:${argument.choices ? `(${argument.choices.join(" ")})` : " "}'`
    )
  }
  if (secondArgument !== undefined) {
    lines.push(`        '2:${secondArgument.name}:${secondArgument.file ? "_files" : " "}'`)
  }
  return `    ${name})\n      _arguments \\\n${lines.join(" \\\n")}\n      ;;`
}

/** The completion script for zsh, to be sourced or put into a folder of `fpath` as `_backups`. */
export const zsh = (commands: ReadonlyArray<CompletedCommand>): string => `#compdef backups
_backups() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${commands.map(({ name, summary }) => `      '${name}:${quoted(summary)}'`).join("\n")}
    )
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case "$words[1]" in
${commands.map(branch).join("\n")}
  esac
}
if [[ "$funcstack[1]" == _backups ]]; then _backups "$@"; else compdef _backups backups; fi
`
