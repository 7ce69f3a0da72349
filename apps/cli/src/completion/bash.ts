import type { Flags } from "../Command.ts"
import { type CompletedCommand, spellings } from "./CompletedCommand.ts"

type Arguments = Partial<Pick<CompletedCommand, "argument" | "secondArgument">>

/** What is offered where an argument may be: files for a second one, once one of the choices for the first is there. */
const argumentBranch = ({ argument, secondArgument }: Arguments, words: ReadonlyArray<string>): string => {
  const first = `words="${words.join(" ")}"`
  if (!secondArgument?.file) return `*) ${first} ;;`
  const before = (argument?.choices ?? []).map((word) => `*" ${word} "*`).join("|")
  return `*) case " \${COMP_WORDS[*]:i+1:COMP_CWORD-i-1} " in
                ${before}) files=yes ;;
                *) ${first} ;;
              esac ;;`
}

const values = (flags: Flags): string =>
  Object.entries(flags)
    .filter(([, { value }]) => value !== undefined)
    .map(([name, flag]) => {
      const several = flag.repeatable ? " several=yes" : ""
      if (flag.file) return `        ${spellings(name, flag).join("|")}) files=yes ;;`
      return `        ${spellings(name, flag).join("|")}) words="${flag.choices?.join(" ") ?? ""}"${several} ;;`
    })
    .join("\n")

const options = (flags: Flags): string =>
  Object.entries(flags)
    .map(([name, flag]) => spellings(name, flag).join(" "))
    .join(" ")

const branch = (
  pattern: string,
  flags: Flags,
  words: ReadonlyArray<string> = [],
  taken: Arguments = {}
): string => `    ${pattern})
      case "$previous" in
${values(flags)}
        *) case "$current" in
            -*) words="${options(flags)}" ;;
            ${argumentBranch(taken, words)}
          esac ;;
      esac ;;`

/** The completion script for bash; it needs nothing but bash itself. */
export const bash = (commands: ReadonlyArray<CompletedCommand>, root: Flags): string => `# bash completion of backups
_backups() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" several="" files="" before="" i
  # bash splits --option=value at the sign
  if [[ $current == "=" ]]; then current=""; elif [[ $previous == "=" ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      ${commands.map(({ name }) => name).join("|")}) command="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  case "$command" in
${commands.map((command) => branch(command.name, command.flags, command.argument?.choices, command)).join("\n")}
${branch(
  "*",
  root,
  commands.map(({ name }) => name)
)}
  esac
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
  fi
  if [[ $several && $current == *,* ]]; then before="\${current%,*},"; fi
  COMPREPLY=($(compgen -P "$before" -W "$words" -- "\${current#"$before"}"))
  # a status may be given in any case, and a column may not
  if ((\${#COMPREPLY[@]} == 0)) && [[ $words && $words != *[[:lower:]]* ]]; then
    COMPREPLY=($(compgen -P "$before" -W "$(tr '[:upper:]' '[:lower:]' <<< "$words")" -- "\${current#"$before"}"))
  fi
}
complete -F _backups backups
`
