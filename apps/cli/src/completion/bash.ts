import type { Argument, Flags } from "@backup-catalog/command-line"
import { type CompletedCommand, spellings } from "./CompletedCommand.ts"

type Arguments = Partial<Pick<CompletedCommand, "argument" | "secondArgument">>

const offer = ({ file, choices = [] }: Argument): string => (file ? "files=yes" : `words="${choices.join(" ")}"`)

/** What is offered as an argument, by how many there are before it. */
const argumentBranch = ({ argument, secondArgument }: Arguments): string => {
  if (argument === undefined) return "*) ;;"
  const [option, other] = argument.unless ?? []
  const first =
    option === undefined || other === undefined
      ? offer(argument)
      : `if [[ $given == *" --${option} "* ]]; then ${offer(other)}; else ${offer(argument)}; fi`
  const second = secondArgument === undefined ? "" : ` 1) ${offer(secondArgument)} ;;`
  return `*) case $count in ${argument.repeatable ? "*" : "0"}) ${first} ;;${second} esac ;;`
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

const spelt = (flags: Flags, which: (value: string | undefined) => boolean = () => true): string =>
  Object.entries(flags)
    .filter(([, { value }]) => which(value))
    .map(([name, flag]) => spellings(name, flag).join(" "))
    .join(" ")

/** The options whose value is the next word. */
const valued = (flags: Flags): string => ` ${spelt(flags, (value) => value !== undefined)} `

const branch = (pattern: string, flags: Flags, argument: string): string => `    ${pattern})
      case "$previous" in
${values(flags)}
        *) case "$current" in
            -*) words="${spelt(flags)}" ;;
            ${argument}
          esac ;;
      esac ;;`

/** The completion script for bash; it needs nothing but bash itself. */
export const bash = (commands: ReadonlyArray<CompletedCommand>, root: Flags): string => `# bash completion of backups
_backups() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" several="" files="" before=""
  local valued="${valued(root)}" given=" " count=0 word i
  # bash splits --option=value at the sign
  if [[ $current == "=" ]]; then current=""; elif [[ $previous == "=" ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ $valued == *" $word "* ]]; then
      i=$((i + 1))
      if [[ \${COMP_WORDS[i]-} == "=" ]]; then i=$((i + 1)); fi
    elif [[ $word == -* ]]; then
      given+="$word "
    elif [[ $command ]]; then
      count=$((count + 1))
    else
      command="$word"
      case "$command" in
${commands.map(({ name, flags }) => `        ${name}) valued="${valued(flags)}" ;;`).join("\n")}
      esac
    fi
  done
  case "$command" in
${commands.map((command) => branch(command.name, command.flags, argumentBranch(command))).join("\n")}
${branch("*", root, `*) words="${commands.map(({ name }) => name).join(" ")}" ;;`)}
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
