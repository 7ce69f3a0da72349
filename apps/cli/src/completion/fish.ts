import type { Argument, Flags } from "@backup-catalog/command-line"
import { brief, type CompletedCommand, spellings } from "./CompletedCommand.ts"

const quoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`

const options = (here: string, flags: Flags): ReadonlyArray<string> =>
  Object.entries(flags).map(([long, { short, value, help, file, choices, repeatable }]) => {
    const offered = choices === undefined ? "" : ` -a ${quoted(choices.join(" "))}`
    // Behind a comma another one may follow.
    const several = choices === undefined ? "" : ` -a ${quoted(`(__fish_append , ${choices.join(" ")})`)}`
    const parameter = value === undefined ? "" : file ? " -r -F" : ` -x${repeatable ? several : offered}`
    return `${here} -l ${long}${short === undefined ? "" : ` -s ${short}`}${parameter} -d ${quoted(brief(help))}`
  })

const offer = (condition: string, { file, choices }: Argument): ReadonlyArray<string> => {
  const here = `complete -c backups -n ${quoted(condition)}`
  if (file) return [`${here} -F`]
  return choices === undefined ? [] : [`${here} -a ${quoted(choices.join(" "))}`]
}

const lines = ({ name, argument, secondArgument, flags }: CompletedCommand): ReadonlyArray<string> => {
  const [option, other] = argument?.unless ?? []
  const unless = option === undefined ? "" : `; and not __fish_contains_opt ${option}`
  return [
    ...options(`complete -c backups -n '__backups_in ${name}'`, flags),
    ...(argument === undefined ? [] : offer(`__backups_in ${name}${unless}`, argument)),
    ...(option === undefined || other === undefined
      ? []
      : offer(`__backups_in ${name}; and __fish_contains_opt ${option}`, other)),
    ...(secondArgument === undefined || argument?.choices === undefined
      ? []
      : offer(`__backups_in ${name}; and __fish_seen_subcommand_from ${argument.choices.join(" ")}`, secondArgument))
  ]
}

const valued = (flags: Flags): string =>
  Object.entries(flags)
    .filter(([, { value }]) => value !== undefined)
    .map(([name, flag]) => spellings(name, flag).join(" "))
    .join(" ")

/** The completion script for fish. */
export const fish = (commands: ReadonlyArray<CompletedCommand>, root: Flags): string => `# fish completion of backups
complete -c backups -f

# whether a command is the one on the line, or there is none yet
function __backups_in
    set -l command ''
    set -l value no
    for word in (commandline -opc)[2..]
        if test $value = yes
            set value no
            continue
        end
        switch $word
            case ${valued(root)}
                set value yes
            case '-*'
            case '*'
                set command $word
                break
        end
    end
    test "$command" = "$argv[1]"
end

${commands
  .map(({ name, summary }) => `complete -c backups -n '__backups_in ""' -a ${name} -d ${quoted(summary)}`)
  .join("\n")}
${options(`complete -c backups -n '__backups_in ""'`, root).join("\n")}
${commands.flatMap(lines).join("\n")}
`
