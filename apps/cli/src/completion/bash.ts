import { type CompletedCommand, spellings } from "./CompletedCommand.ts"

const values = ({ flags }: CompletedCommand): string =>
  Object.entries(flags)
    .filter(([, { value }]) => value !== undefined)
    .map(([name, flag]) => `        ${spellings(name, flag).join("|")}) words="${flag.choices?.join(" ") ?? ""}" ;;`)
    .join("\n")

const options = ({ flags }: CompletedCommand): string =>
  Object.entries(flags)
    .map(([name, flag]) => spellings(name, flag).join(" "))
    .join(" ")

const branch = (command: CompletedCommand): string => `    ${command.name})
      case "$previous" in
${values(command)}
        *) case "$current" in
            -*) words="${options(command)}" ;;
            *) words="${command.argument?.choices?.join(" ") ?? ""}" ;;
          esac ;;
      esac ;;`

/** The completion script for bash; it needs nothing but bash itself. */
export const bash = (commands: ReadonlyArray<CompletedCommand>): string => `# bash completion of backups
_backups() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" i
  # bash splits --option=value at the sign
  if [[ $current == "=" ]]; then current=""; elif [[ $previous == "=" ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      ${commands.map(({ name }) => name).join("|")}) command="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  case "$command" in
${commands.map(branch).join("\n")}
    *) words="${commands.map(({ name }) => name).join(" ")} --help --version" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _backups backups
`
